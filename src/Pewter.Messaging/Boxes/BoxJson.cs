using System.Text.Json.Serialization;

namespace Pewter.Messaging.Boxes;

/// <summary>How records are written.</summary>
[JsonSerializable(typeof(BoxRecord))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class BoxJson : JsonSerializerContext;
