using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node alloc</c>: all that were asked for, or none.</summary>
internal sealed class NodeAllocCommand : PewterCommand
{
    private static readonly Table<CommandReply> Table = new Table<CommandReply>(reply => reply.Target)
        .Text("node", reply => reply.Text("id"))
        .Text("name", reply => reply.Text("name"))
        .Text("state", reply => reply.Text("state"))
        .Column("took", reply => $"{Took(reply) * 1000:0} ms", (json, reply) => json.WriteNumberValue(Took(reply)));

    private readonly Option<int> _count = new("--count", "-n") { Description = "How many", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string> _kind = new("--kind", "-k") { Description = "What they are made of", DefaultValueFactory = _ => "cell" };
    private readonly Option<string?> _name = new("--name") { Description = "A name; NAME-1, NAME-2 … when there are several" };
    private readonly Option<string[]> _labels = new("--label", "-l") { Description = "A label such as gpu or rack=3", HelpName = "LABEL" };
    private readonly Option<string?> _cpu = new("--cpu") { Description = "CPUs each may use, such as 0.5", HelpName = "N" };
    private readonly Option<string?> _memory = new("--mem", "--ram") { Description = "Memory each may use, such as 512Mi", HelpName = "SIZE" };
    private readonly Option<string?> _processes = new("--pids") { Description = "Processes and threads each may have", HelpName = "N" };
    private readonly Option<string?> _lease = new("--lease") { Description = "Release them after this time unless it is renewed", HelpName = "TIME" };
    private readonly Option<string?> _root = new("--root") { Description = "The directory that their root is a private copy of", HelpName = "DIR" };
    private readonly Option<string?> _image = new("--image") { Description = "What a machine starts from", HelpName = "IMAGE" };
    private readonly Option<string[]> _nets = new("--net") { Description = "A network that a card of the machine is on", HelpName = "NET" };
    private readonly Option<string?> _machine = new("--machine") { Description = "microvm, q35 or pc", HelpName = "TYPE" };
    private readonly Option<string?> _pin = new("--pin") { Description = "CPUs of this machine that it runs on, such as 0-1,3", HelpName = "CPUS" };
    private readonly Option<string?> _numa = new("--numa") { Description = "NUMA nodes that its CPUs and memory are divided over", HelpName = "N" };
    private readonly Option<bool> _spare = new("--spare") { Description = "They give their place to nodes of yours that are lost" };
    private readonly Option<bool> _gdb = new("--gdb") { Description = "Let gdb be attached; the file 'gdb' of the node says where" };
    private readonly Option<string[]> _set = new("--set") { Description = "Another option of the kind", HelpName = "KEY=VALUE" };
    private readonly Option<bool> _wait = new("--wait") { Description = "Return when they are ready" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public NodeAllocCommand(CommandHost host)
        : base(host, "alloc", "Allocate nodes, all or none")
    {
        foreach (var option in (Option[])[_count, _kind, _name, _labels, _cpu, _memory, _processes, _lease, _root, _image, _nets, _machine, _pin,
            _numa, _gdb, _spare, _set, _wait, _dryRun])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var words = Words(context);
        if (context.Value(_dryRun))
        {
            context.Say($"would write to {NodeArguments.Root}/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var replies = await TreeControl.SendAsync(context, [NodeArguments.Root], words);
        var code = TreeControl.Report(context, replies);
        var nodes = replies.Where(reply => reply.IsOk).ToList();
        await context.Output.ListAsync(Table, nodes, context.Cancellation);
        return code == ExitCode.Ok && context.Value(_wait) ? await NodeWait.UntilReadyAsync(context, nodes) : code;
    }

    private static double Took(CommandReply reply) => reply.Line.TryGetProperty("took", out var took) ? took.GetDouble() : 0;

    private List<string> Words(CommandContext context)
    {
        var words = new List<string>
        {
            "alloc",
            string.Create(CultureInfo.InvariantCulture, $"n={context.Value(_count)}"),
            $"kind={context.Value(_kind)}",
        };
        foreach (var (key, option) in (ReadOnlySpan<(string, Option<string?>)>)
            [("name", _name), ("cpu", _cpu), ("mem", _memory), ("pids", _processes), ("lease", _lease), ("root", _root),
             ("image", _image), ("machine", _machine), ("pin", _pin), ("numa", _numa)])
        {
            if (context.Value(option) is { } value)
            {
                words.Add($"{key}={value}");
            }
        }

        if (context.Value(_nets) is { Length: > 0 } nets)
        {
            words.Add($"net={string.Join(',', nets)}");
        }

        if (context.Value(_gdb))
        {
            words.Add("gdb=on");
        }

        words.AddRange(context.Value(_set) ?? []);
        words.AddRange(context.Value(_labels) ?? []);
        if (context.Value(_spare))
        {
            words.Add("spare");
        }

        return words;
    }
}
