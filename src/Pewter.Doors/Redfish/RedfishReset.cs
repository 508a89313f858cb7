using System.Text.Json.Nodes;
using Pewter.NineP;

namespace Pewter.Doors.Redfish;

/// <summary>Reset types, in the words of Redfish (schema Resource, ResetType) and of a node's ctl.</summary>
internal static class RedfishReset
{
    private const string Grace = "grace=30s";

    private static readonly (string Type, string[] Words)[] Types =
    [
        ("On", ["power", "on"]), ("ForceOn", ["power", "on"]), ("ForceOff", ["power", "off"]), ("GracefulShutdown", ["power", "off", Grace]),
        ("ForceRestart", ["power", "cycle"]), ("GracefulRestart", ["power", "cycle", Grace]), ("PowerCycle", ["power", "cycle"]),
    ];

    public static JsonArray AllowableValues => new([.. Types.Select(pair => (JsonNode)pair.Type)]);

    /// <summary>The command of a reset. EINVAL when there is none of the name.</summary>
    public static IReadOnlyList<string> Command(string? type) => Types.FirstOrDefault(pair => pair.Type == type).Words
        ?? throw new FileException(Errno.EINVAL, $"ResetType is {string.Join(", ", Types.Select(pair => pair.Type))}, not '{type}'.");
}
