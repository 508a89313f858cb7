using System.Text.Json.Serialization;
using Pewter.Networks.Ports;
using Pewter.Networks.Switches;

namespace Pewter.Networks;

/// <summary>How records are stored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NetworkRecord))]
[JsonSerializable(typeof(PortRecord))]
[JsonSerializable(typeof(ActionRecord))]
[JsonSerializable(typeof(SwitchRecord))]
[JsonSerializable(typeof(NetworkCounters))]
internal sealed partial class NetworkJson : JsonSerializerContext;
