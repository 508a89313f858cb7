using System.Text.Json.Nodes;

namespace Pewter.Doors.Redfish;

/// <summary>The resources, as the schemas of DSP8010 have them.</summary>
internal static class RedfishDocuments
{
    private const string SystemsPath = RedfishRoutes.Root + "/Systems";
    private const string SessionsPath = RedfishRoutes.Root + "/SessionService/Sessions";

    public static JsonObject ServiceRoot() => Resource(RedfishRoutes.Root, "ServiceRoot.v1_5_0.ServiceRoot", "RootService", "Pewter").With(
        ("RedfishVersion", "1.8.0"),
        ("Systems", Link(SystemsPath)),
        ("SessionService", Link(RedfishRoutes.Root + "/SessionService")),
        ("Links", new JsonObject { ["Sessions"] = Link(SessionsPath) }));

    public static JsonObject SessionService() => Resource(
        RedfishRoutes.Root + "/SessionService", "SessionService.v1_1_6.SessionService", "SessionService", "Sessions").With(
            ("ServiceEnabled", true), ("Sessions", Link(SessionsPath)));

    public static JsonObject Session(string path, string id, string user) =>
        Resource(path, "Session.v1_2_1.Session", id, "Session").With(("UserName", user));

    public static JsonObject Systems(IReadOnlyList<RedfishNode> nodes) => new()
    {
        ["@odata.id"] = SystemsPath,
        ["@odata.type"] = "#ComputerSystemCollection.ComputerSystemCollection",
        ["Name"] = "Nodes with a power switch",
        ["Members@odata.count"] = nodes.Count,
        ["Members"] = new JsonArray([.. nodes.Select(node => (JsonNode)Link($"{SystemsPath}/{node.Id}"))]),
    };

    public static JsonObject System(RedfishNode node)
    {
        var path = $"{SystemsPath}/{node.Id}";
        return Resource(path, "ComputerSystem.v1_13_0.ComputerSystem", node.Id, node.Name).With(
            ("SystemType", node.IsPhysical ? "Physical" : "Virtual"),
            ("Manufacturer", "Pewter"),
            ("HostName", node.Name),
            ("PowerState", node.Power == "on" ? "On" : "Off"),
            ("Status", new JsonObject { ["State"] = node.Power == "on" ? "Enabled" : "StandbyOffline", ["Health"] = Health(node) }),
            ("ProcessorSummary", new JsonObject { ["Count"] = node.Cpus }),
            ("MemorySummary", new JsonObject { ["TotalSystemMemoryGiB"] = node.MemoryBytes / (1L << 30) }),
            ("Boot", RedfishBoot.Describe(node)),
            ("Actions", new JsonObject
            {
                ["#ComputerSystem.Reset"] = new JsonObject
                {
                    ["target"] = $"{path}/Actions/ComputerSystem.Reset", ["ResetType@Redfish.AllowableValues"] = RedfishReset.AllowableValues,
                },
            }));
    }

    private static string Health(RedfishNode node) => node.State is "lost" or "error" ? "Critical" : "OK";

    private static JsonObject Link(string path) => new() { ["@odata.id"] = path };

    private static JsonObject Resource(string path, string type, string id, string name) => new()
    {
        ["@odata.id"] = path, ["@odata.type"] = "#" + type, ["Id"] = id, ["Name"] = name,
    };

    private static JsonObject With(this JsonObject document, params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        foreach (var (name, value) in members)
            document[name] = value;
        return document;
    }
}
