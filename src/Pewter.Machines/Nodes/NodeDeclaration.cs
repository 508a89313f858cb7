using System.Globalization;
using System.Text;
using Pewter.Machines.Nodes.Kinds;
using Pewter.Tree;

namespace Pewter.Machines.Nodes;

/// <summary>What the tree shows of a node: fields, files, commands.</summary>
internal static class NodeDeclaration
{
    // What the agent serves; each is mounted in the node's directory under its own name.
    private static readonly string[] AgentDirectories = ["proc", "metric", "knob", "fs", "sys"];

    public static ObjectKind<Node> For(NodeFleet fleet) => new()
    {
        Prefix = Node.Prefix,
        Fields = Fields(fleet),
        Commands = NodeCommands.OfNode(fleet),
        States = NodeStates.Model,
        Owner = node => node.Record.Owner,

        // The machine itself runs everybody's programs, so everybody sees that it is there; its files are walked
        // through by its owner alone.
        ModeOf = node => UnixMode.Octal(node.Record.Spec.Kind == HostKind.KindName ? 754 : 750),
        Files = AddFiles,
        Create = fleet.CloneAsync,
        CollectionCtlMode = UnixMode.Octal(666),
        CollectionFiles =
        [
            new("checkpoints", new TextFile((caller, _) => new(string.Concat(fleet.Copies.Checkpoints(caller).Select(line => line + "\n"))))),
        ],
        PersistenceChanged = (node, persistent, cancellation) =>
            fleet.ChangeAsync(node, record => record with { IsPersistent = persistent }, cancellation),
        Reap = (node, cancellation) => fleet.ReleaseAsync(node, "nobody needs it any more", cancellation),
    };

    private static Fields<Node> Fields(NodeFleet fleet) => new Fields<Node>()
        .Text("kind", node => node.Kind.Name, indexed: true)
        .Tags("labels", node => node.Record.Labels)
        .Text("os", node => node.Facts.Os, indexed: true)
        .Text("arch", node => node.Facts.Architecture, indexed: true)
        .Tags("tags", Tags)
        .Number("cpus", node => node.Facts.Cpus ?? node.Record.Spec.Cpus)
        .Size("mem", node => node.Facts.MemoryBytes ?? node.Record.Spec.MemoryBytes)
        .Size("used", node => node.Facts.UsedBytes)
        .Number("load", node => node.Facts.Load)
        .Int("tasks", node => node.Facts.Processes)
        .Text("kernel", node => node.Facts.Kernel)
        .Text("image", node => node.Record.Spec.Options.GetValueOrDefault("image"), indexed: true)
        .Tags("net", node => node.Record.Spec.Options.TryGetValue("net", out var nets) ? nets.Split(',') : [])
        .Text("address", node => Vms.VmCards.Address(node.Record))
        .Text("power", node => node.Kind is IPowersNodes ? NodeStates.IsLive(node.Record.State) ? "on" : "off" : null)
        .Text("bootdev", node => node.Record.Spec.Options.GetValueOrDefault("boot"))
        .Flag("bootonce", node => NodePower.IsBootOnce(node.Record))
        .Text("phase", node => node.Record.Phase)
        .Text("cause", node => node.Record.Cause)
        .Time("created", node => node.Record.Created)
        .Time("lease", node => node.Record.LeaseEnd)
        .Flag("persistent", node => node.Record.IsPersistent)
        .Duration("age", fleet.FactsAge)
        .Json("limits", (json, node) =>
        {
            json.WriteStartObject();
            WriteIfAny(json, "cpu", node.Record.Spec.Cpus);
            WriteIfAny(json, "mem", node.Record.Spec.MemoryBytes);
            WriteIfAny(json, "pids", node.Record.Spec.Processes);
            json.WriteEndObject();
        })
        .Json("boot", (json, node) =>
        {
            json.WriteStartArray();
            foreach (var (name, start, took) in node.Record.Timeline)
            {
                json.WriteStartObject();
                json.WriteString("phase", name);
                json.WriteString("start", start);
                json.WriteNumber("took", took.TotalSeconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        })
        .Json("handle", (json, node) =>
        {
            json.WriteStartObject();
            foreach (var (key, value) in node.Record.Handle)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        });

    // What a query may ask for by a bare word besides the labels: cell, linux, x86_64 and, as people say, x86.
    private static string[] Tags(Node node) => node.Facts is { Os: { } os, Architecture: { } arch }
        ? arch == "x86_64" ? [node.Kind.Name, os, arch, "x86"] : [node.Kind.Name, os, arch]
        : [node.Kind.Name];

    private static void AddFiles(TreeDirectory directory, Node node)
    {
        directory.Add("boot", new TextFile(() => BootText(node.Record)));
        directory.Add("log", new TextFile(node.Log.Text));
        foreach (var name in AgentDirectories)
        {
            directory.Add(name, node.Agent.Tree.Directory(name, directory));
        }

        node.Kind.AddFiles(directory, node);
    }

    private static string BootText(NodeRecord record)
    {
        var text = new StringBuilder();
        foreach (var (name, start, took) in record.Timeline)
        {
            var at = start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"phase={name} start={at} took={took.TotalSeconds:0.######}s\n");
        }

        if (record.State == NodeStates.Allocating)
        {
            text.Append(CultureInfo.InvariantCulture, $"phase={record.Phase}\n");
        }

        return text.ToString();
    }

    private static void WriteIfAny(System.Text.Json.Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
