using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Demo;
using Pewter.Configuration;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter demo</c>: the whole of it in a minute. A private system is started, nodes are allocated, π is estimated on
/// all of them at once, and nothing is left.
/// </summary>
internal sealed class DemoCommand : PewterCommand
{
    private const int NodesByDefault = 4;
    private const int MaxNodes = 256;

    private readonly Option<int> _nodes = new("--nodes")
    {
        Description = "How many nodes", HelpName = "N", DefaultValueFactory = _ => NodesByDefault,
    };
    private readonly Option<string> _kind = new("--kind") { Description = "cell, or vm", DefaultValueFactory = _ => "cell" };
    private readonly Option<long?> _points = new("--points") { Description = "How many points to throw", HelpName = "P" };
    private readonly Option<bool> _keep = new("--keep") { Description = "Leave the system running" };

    public DemoCommand(CommandHost host)
        : base(host, "demo", "Start a private system, compute π on its nodes, and leave nothing behind")
    {
        _kind.AcceptOnlyFromAmong("cell", "vm");
        Add(_nodes);
        Add(_kind);
        Add(_points);
        Add(_keep);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        if (context.Value(_nodes) is < 1 or > MaxNodes || context.Value(_points) is < 1)
        {
            throw new CommandException($"--nodes is from 1 to {MaxNodes} and --points at least 1.", ExitCode.Usage);
        }

        var time = context.Host.Time;
        var begin = time.GetTimestamp();
        await using var system = await PrivateSystem.StartAsync(context);
        context.Say($"a private system is up in {system.State} after {Duration.Format(time.GetElapsedTime(begin))}");
        var isKept = false;
        var nodes = new DemoNodes(system.Client, context.Value(_kind)!);
        try
        {
            var code = await ComputeAsync(context, system.Client, nodes);
            isKept = context.Value(_keep) && code == ExitCode.Ok;
            if (isKept)
            {
                context.Say($"it is still there: add --state {system.State} to any command; 'pewter down' and 'pewter clean' with it end it.");
                Suggest(context, system.State);
                return code;
            }

            Suggest(context, null);
            return code;
        }
        finally
        {
            if (!isKept)
            {
                await EndAsync(context, system, nodes, begin);
            }
        }
    }

    private async ValueTask<int> ComputeAsync(CommandContext context, PewterClient client, DemoNodes demo)
    {
        var time = context.Host.Time;
        var begin = time.GetTimestamp();
        var nodes = await demo.AllocateAsync(context, context.Value(_nodes));
        var took = time.GetElapsedTime(begin);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"{nodes.Count} nodes are ready after {took.TotalMilliseconds:0} ms"));

        var each = ((context.Value(_points) ?? demo.Points) + nodes.Count - 1) / nodes.Count;
        var spec = demo.Worker(each);
        await using var workers = await client.SpawnManyAsync(nodes.Count, spec, cancellation: context.Cancellation);

        var view = new DemoView(context, nodes.Count, each * nodes.Count);
        var total = await GatherAsync(workers, view, each, context.Cancellation);
        var exits = await workers.WaitAllAsync(context.Cancellation);
        view.Show(total, 0, isLast: true);
        if (exits.FirstOrDefault(exit => !exit.IsSuccess) is { } failed)
        {
            throw new CommandException($"a worker {failed}: {await workers.ReadErrorsAsync(context.Cancellation)}");
        }

        await context.Output.TextAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"π ≈ {total.Value:0.0000000}, off by {Math.Abs(total.Value - Math.PI):0.0000000} (± {total.ExpectedError:0.0000000} expected): "
                + $"{total.Points:N0} points on {nodes.Count} nodes in {view.Elapsed.TotalSeconds:0.0} s, {view.Rate(total)}\n"),
            context.Cancellation);
        return ExitCode.Ok;
    }

    private static async ValueTask<Estimate> GatherAsync(ProcessGroup workers, DemoView view, long each, CancellationToken cancellation)
    {
        var total = default(Estimate);
        var thrown = new long[workers.Members.Count];
        await foreach (var (worker, line) in workers.ReadLinesAsync(cancellation))
        {
            if (line.Split(' ') is [var points, var inside]
                && long.TryParse(points, CultureInfo.InvariantCulture, out var more)
                && long.TryParse(inside, CultureInfo.InvariantCulture, out var hits))
            {
                total += new Estimate(more, hits);
                thrown[worker.Index] += more;
                view.Show(total, thrown.Count(points => points < each));
            }
        }

        return total;
    }

    private static void Suggest(CommandContext context, string? state)
    {
        var option = state is null ? "" : $" --state {state}";
        context.Say(state is null ? "to try next:" : "to try on it:");
        string[] commands =
        [
            state is null ? "pewter up --detach                        # a system that stays" : $"pewter tree{option} /node",
            $"pewter node alloc{option} --kind cell -n 8",
            $"pewter run{option} -n 8 --on kind=cell --fold -- uname -n",
            $"pewter sh{option} 'ls /usr/bin |< grep x |#| sort >| wc -l'",
            $"pewter ls{option} /node/n2/proc                 # everything is a file",
        ];
        foreach (var command in commands)
        {
            context.Say("  " + command);
        }
    }

    private static async ValueTask EndAsync(CommandContext context, PrivateSystem system, DemoNodes demo, long begin)
    {
        try
        {
            await demo.ReleaseAsync();
        }
        catch (FileException failure)
        {
            context.Complain($"the nodes were not released: {failure.Message}");
        }

        await system.EndAsync();
        var left = Leftovers.Find(system.State);
        foreach (var line in left)
        {
            context.Complain("left behind: " + line);
        }

        if (left.Count == 0)
        {
            var took = Duration.Format(context.Host.Time.GetElapsedTime(begin));
            context.Say($"nothing is left: no process, no mount, no cgroup, no file. All of it took {took}.");
        }
    }
}
