using System.Globalization;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Machines.Nodes;

/// <summary>The commands of <c>/node/ctl</c> and of a node's own ctl.</summary>
internal static class NodeCommands
{
    private const string Never = "never";

    private static readonly string[] Common = ["n", "kind", "name", "cpu", "mem", "pids", "lease", "root"];

    public static CommandSet<Collection<Node>> OfCollection(NodeFleet fleet, IReadOnlyList<INodeKind> kinds)
    {
        var options = string.Join(' ', kinds.SelectMany(kind => kind.Options.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct().Prepend(
            "[n=int] [kind=word] [name=word] [cpu=number] [mem=size] [pids=int] [lease=duration] [root=word]"));
        var own = OptionNames(kinds);
        return new CommandSet<Collection<Node>>().Add(
            $"alloc {options} [labels...]",
            "Allocates nodes, all or none; options first, then labels such as gpu or rack=3.",
            async (_, call, cancellation) =>
            {
                var nodes = await fleet.AllocateAsync(Request(call, own, fleet.Limits), cancellation);
                return Result(nodes);
            })
            .Add(
                "restore <checkpoint> [n=int] [name=word] [lease=duration] [labels...]",
                "Makes nodes that go on from a checkpoint, all or none.",
                async (_, call, cancellation) =>
                {
                    var request = CopyRequest(call, fleet.Limits, new NodeSpec { Kind = "" }, []);
                    return Result(await fleet.Copies.RestoreAsync(call.Word("checkpoint"), request, cancellation));
                })
            .Add("forget <checkpoint>", "Removes a checkpoint.", (_, call, cancellation) =>
                fleet.Copies.ForgetAsync(call.Word("checkpoint"), call.Caller, cancellation));
    }

    private static CommandResult Result(IReadOnlyList<Node> nodes) => CommandResult.Each(
        nodes.Select(node => ($"/node/{node.Id}", CommandResult.Json(json =>
        {
            json.WriteString("id", node.Id);
            json.WriteString("state", node.Record.State);
            json.WriteNumber("took", node.Record.Timeline.Sum(phase => phase.Took.TotalSeconds));
            if (node.Record.Name is { } name)
            {
                json.WriteString("name", name);
            }
        }))));

    public static CommandSet<Node> OfNode(NodeFleet fleet) => new CommandSet<Node>()
        .Add("release", "Ends all that runs there and takes the node away.", (node, _, cancellation) => ReleaseAsync(fleet, node, cancellation))
        .Add(
            "fork [n=int] [name=word] [lease=duration] [labels...]",
            "Makes copies of the running machine, all or none.",
            async (node, call, cancellation) =>
            {
                var request = CopyRequest(call, fleet.Limits, node.Record.Spec, node.Record.Labels);
                return Result(await fleet.Copies.ForkAsync(node, request, cancellation));
            })
        .Add(
            "power <what:on|off|cycle|status> [grace=duration]",
            "Turns the machine on or off; with a grace it may end by itself first.",
            (node, call, cancellation) => PowerAsync(fleet, node, call, cancellation))
        .Add(
            "bootdev <device:disk|net|kernel> [once]",
            "Says what the machine starts from: next time only with 'once'.",
            (node, call, cancellation) => fleet.Power.SetBootDeviceAsync(node, call.Word("device"), IsOnce(call), cancellation))
        .Add("checkpoint <name>", "Writes the running machine down, with its memory and disk; it goes on.", (node, call, cancellation) =>
            fleet.Copies.CheckpointAsync(node, call.Word("name"), cancellation))
        .Add("rebuild [image]", "Builds the machine anew, of its image or another; its id, name and networks stay.", (node, call, cancellation) =>
            new ValueTask(fleet.Power.RebuildAsync(node, call.Word("image", null), call.Caller, cancellation)))
        .Add("suspend", "Makes the machine stand still.", async (node, _, cancellation) =>
            await fleet.Power.SuspendAsync(node, true).WaitAsync(cancellation))
        .Add("resume", "Makes the machine go on.", async (node, _, cancellation) =>
            await fleet.Power.SuspendAsync(node, false).WaitAsync(cancellation))
        .Add("rename [name]", "Binds a name to the node; without a name unbinds it.", (node, call, cancellation) =>
            fleet.RenameAsync(node, call.Word("name", null), cancellation))
        .Add("label <words...>", "Adds labels; a word that begins with '-' takes one away.", (node, call, cancellation) =>
        {
            var labels = NodeLabels.Change(node.Record.Labels, call.Words("words"), fleet.Limits);
            return fleet.ChangeAsync(node, record => record with { Labels = labels }, cancellation);
        })
        .Add(
            "splice <session:int> <from> <source:int> [stream=int]",
            "Feeds a session of this node from a session of another node of this machine, which the daemon asks for its users.",
            (node, call, cancellation) => fleet.Splices.JoinAsync(node, call, cancellation))
        .Add(
            "offer <session:int> <role:give|take> <peer> [stream=int]",
            "Listens for another machine that a session here is spliced to or from; the answer is what that one has to know.",
            (node, call, _) => new ValueTask<CommandResult>(fleet.Splices.Offer(node, call)))
        .Add(
            "meet <session:int> <role:give|take> <peer> <addresses> <key> <token> [stream=int]",
            "Connects to the machine that made this offer, and splices.",
            (node, call, cancellation) => fleet.Splices.MeetAsync(node, call, cancellation))
        .Add("lease <length>", "Renews the lease: the node is released after this time, or never.", async (node, call, cancellation) =>
        {
            var end = LeaseEnd(fleet, call.Word("length"));
            await fleet.ChangeAsync(node, record => record with { LeaseEnd = end }, cancellation);
            return end is { } time ? CommandResult.Of("lease", time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)) : CommandResult.None;
        });

    private static async ValueTask<CommandResult> PowerAsync(NodeFleet fleet, Node node, CommandCall call, CancellationToken cancellation)
    {
        var what = call.Word("what");
        if (what is "off" or "cycle")
        {
            await fleet.Power.OffAsync(node, call.Duration("grace")).WaitAsync(cancellation);
        }

        if (what is "on" or "cycle")
        {
            await fleet.Power.OnAsync(node).WaitAsync(cancellation);
        }

        return CommandResult.Of("power", NodeStates.IsLive(node.Record.State) ? "on" : "off");
    }

    private static NodeRequest CopyRequest(CommandCall call, NodeLimits limits, NodeSpec spec, IReadOnlyList<string> labels) => new()
    {
        Caller = call.Caller,
        Count = Count(call, limits),
        Name = call.Word("name", null),
        Labels = NodeLabels.Change(labels, call.Words("labels"), limits),
        Lease = call.Has("lease") ? call.Duration("lease") : null,
        Spec = spec,
    };

    private static bool IsOnce(CommandCall call) => call.Word("once", null) switch
    {
        null => false,
        "once" => true,
        var other => throw new FileException(Errno.EINVAL, $"After the device there may be 'once', not '{other}'."),
    };

    private static int Count(CommandCall call, NodeLimits limits)
    {
        var count = call.Int("n", 1);
        return count >= 1 && count <= limits.Nodes
            ? (int)count : throw new FileException(Errno.EINVAL, $"n is from 1 to {limits.Nodes}, not {count}.");
    }

    private static ValueTask ReleaseAsync(NodeFleet fleet, Node node, CancellationToken cancellation) => node.Kind.RestartsLost
        ? throw new FileException(Errno.EPERM, $"{node.Id} is this machine itself; 'pewter down' and 'pewter clean' end it.")
        : fleet.ReleaseAsync(node, "asked for", cancellation);

    private static DateTimeOffset? LeaseEnd(NodeFleet fleet, string length)
    {
        if (length == Never)
        {
            return null;
        }

        return Quantity.TryParseDuration(length, out var time) && time > TimeSpan.Zero
            ? fleet.Now + time
            : throw new FileException(Errno.EINVAL, $"A lease is a length of time such as 10m or 2h, or '{Never}', not '{length}'.");
    }

    private static NodeRequest Request(CommandCall call, IReadOnlySet<string> own, NodeLimits limits)
    {
        var words = call.Words("labels");
        if (words.FirstOrDefault(word => IsOption(word, own)) is { } late)
        {
            throw new FileException(Errno.EINVAL, $"'{late}' must stand before the labels.");
        }

        return new NodeRequest
        {
            Caller = call.Caller,
            Count = Count(call, limits),
            Name = call.Word("name", null),
            Labels = NodeLabels.Change([], words, limits),
            Lease = call.Has("lease") ? call.Duration("lease") : null,
            Spec = new NodeSpec
            {
                Kind = call.Word("kind", "cell")!,
                Cpus = call.Has("cpu") ? call.Number("cpu") : null,
                MemoryBytes = call.Has("mem") ? call.Size("mem") : null,
                Processes = call.Has("pids") ? (int)Math.Min(call.Int("pids"), int.MaxValue) : null,
                Root = call.Word("root", null),
                Options = own.Where(call.Has).ToDictionary(name => name, call.Word, StringComparer.Ordinal),
            },
        };
    }

    private static bool IsOption(string word, IReadOnlySet<string> own)
    {
        var name = word.Split('=', 2) is [var first, _] ? first : "";
        return Common.Contains(name) || own.Contains(name);
    }

    private static HashSet<string> OptionNames(IReadOnlyList<INodeKind> kinds) => kinds
        .SelectMany(kind => kind.Options.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(item => item.Trim('[', ']').Split('=')[0])
        .ToHashSet(StringComparer.Ordinal);
}
