using System.Text.Json.Serialization;

namespace Pewter.Machines.Metal;

/// <summary>How the inventory is stored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MetalRecord))]
internal sealed partial class MetalRecordJson : JsonSerializerContext;
