using System.Text.Json.Serialization;

namespace Pewter.Machines.Nodes;

/// <summary>How records are stored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NodeRecord))]
[JsonSerializable(typeof(NodeCounters))]
internal sealed partial class NodeRecordJson : JsonSerializerContext;
