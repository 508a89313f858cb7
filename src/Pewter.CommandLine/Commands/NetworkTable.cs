using System.Text.Json;
using Pewter.CommandLine.Output;

namespace Pewter.CommandLine.Commands;

/// <summary>Networks for people: what the json of a network says, in columns.</summary>
internal static class NetworkTable
{
    public static Table<JsonElement> Table { get; } = new Table<JsonElement>(network => NodeTable.Text(network, "path"))
        .Text("net", network => NodeTable.Text(network, "id"))
        .Text("name", network => NodeTable.Text(network, "name"))
        .Text("state", network => NodeTable.Text(network, "state"))
        .Text("user", network => NodeTable.Text(network, "user"))
        .Text("cidr", network => NodeTable.Text(network, "cidr"))
        .Text("gateway", network => NodeTable.Text(network, "gateway"))
        .Text("members", network => NodeTable.Text(network, "members"))
        .Text("domain", network => NodeTable.Text(network, "domain"))
        .Text("over", Over)
        .Text("cause", network => NodeTable.Text(network, "cause"));

    private static string Over(JsonElement network) => (NodeTable.Text(network, "switch"), NodeTable.Text(network, "vni")) switch
    {
        ({ Length: > 0 } name, _) => $"{name} vlan {NodeTable.Text(network, "vlan")}",
        (_, { Length: > 0 } vni) => $"vxlan {vni}",
        _ => "bridge",
    };
}
