using System.Text.Json.Nodes;
using Pewter.NineP;

namespace Pewter.Doors.Redfish;

/// <summary>Boot devices, in the words of Redfish (schema ComputerSystem, BootSource) and of a node's ctl.</summary>
internal static class RedfishBoot
{
    private static readonly (string Target, string Device)[] Devices = [("Pxe", "net"), ("Hdd", "disk"), ("None", "kernel")];

    public static JsonArray Targets => new([.. Devices.Select(pair => (JsonNode)pair.Target)]);

    public static JsonObject Describe(RedfishNode node)
    {
        var target = Devices.FirstOrDefault(pair => pair.Device == node.BootDevice).Target ?? "None";
        return new JsonObject
        {
            ["BootSourceOverrideEnabled"] = target == "None" ? "Disabled" : node.IsBootOnce ? "Once" : "Continuous",
            ["BootSourceOverrideTarget"] = target,
            ["BootSourceOverrideTarget@Redfish.AllowableValues"] = Targets,
        };
    }

    /// <summary>The command that makes a change of 'Boot' so. EINVAL when there is none.</summary>
    public static IReadOnlyList<string> Command(JsonObject boot)
    {
        var enabled = boot["BootSourceOverrideEnabled"]?.ToString();
        var target = enabled == "Disabled" ? "None" : boot["BootSourceOverrideTarget"]?.ToString();
        if (Devices.FirstOrDefault(pair => pair.Target == target).Device is not { } device)
        {
            var known = string.Join(", ", Devices.Select(pair => pair.Target));
            throw new FileException(Errno.EINVAL, $"A system boots from {known}, not from '{target}'.");
        }

        return enabled == "Once" ? ["bootdev", device, "once"] : ["bootdev", device];
    }
}
