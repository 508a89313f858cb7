using System.Text.Json.Serialization;

namespace Pewter.Images.Library;

/// <summary>How records are stored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ImageRecord))]
[JsonSerializable(typeof(DiskRecord))]
[JsonSerializable(typeof(PendingRecord))]
[JsonSerializable(typeof(LibraryCounters))]
[JsonSerializable(typeof(QuotaRecord))]
internal sealed partial class LibraryJson : JsonSerializerContext;
