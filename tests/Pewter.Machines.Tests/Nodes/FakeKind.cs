using Pewter.Hosting.Ledger;
using Pewter.Machines.Nodes;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Tests.Nodes;

/// <summary>
/// Nodes of three steps, each of two halves that make a thing of a <see cref="FakeWorld"/>. A point named <c>do:B:1</c> is reached before the
/// second half of doing step B; a test hangs or fails there.
/// </summary>
internal sealed class FakeKind : INodeKind
{
    private static readonly string[] Phases = ["A", "B", "C"];

    private readonly FakeWorld _world;
    private volatile bool _isDead;

    public FakeKind(FakeWorld world)
    {
        _world = world;
        Steps = [.. Phases.Select(phase => new NodeStep(
            phase, (work, cancellation) => DoAsync(phase, work, cancellation), (work, _) => UndoAsync(phase, work))
        {
            Makes = record => [new KernelResource(KernelResourceKind.File, $"/nowhere/{record.Id}/{phase}", "fake")],
        })];
    }

    public string Name => "fake";

    public string Options => "[flavour=word]";

    public int Parallel { get; init; } = 4;

    public bool AnswersEarly { get; init; }

    bool INodeKind.AnswersEarly(NodeSpec spec) => AnswersEarly;

    public bool RestartsLost { get; init; }

    public IReadOnlyList<NodeStep> Steps { get; }

    /// <summary>Told of every point with its node; may wait, throw, or call <see cref="Die"/>.</summary>
    public Func<string, Node, Task> Reached { get; set; } = (_, _) => Task.CompletedTask;

    public string? Socket { get; set; }

    /// <summary>All points of an allocation and a release, in order.</summary>
    public static IEnumerable<string> Points() =>
        Phases.SelectMany(phase => new[] { $"do:{phase}:0", $"do:{phase}:1", $"do:{phase}:2" })
            .Concat(Phases.Reverse().SelectMany(phase => new[] { $"undo:{phase}:0", $"undo:{phase}:1", $"undo:{phase}:2" }));

    /// <summary>From now on nothing that the daemon of this kind does has any effect: it was killed.</summary>
    public Task Die()
    {
        _isDead = true;
        return Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
    }

    public NodeSpec Check(NodeSpec spec, Caller caller) => spec.Options.GetValueOrDefault("flavour") == "sour"
        ? throw new FileException(Errno.EINVAL, "There is no sour flavour.") : spec;

    public ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation) => new(IsAlive(work.Record));

    public bool IsAlive(NodeRecord record) => _world.Has($"{record.Id}/C:1");

    public string? AgentSocket(NodeRecord record) => Socket;

    public ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation) =>
        new(new NodeFacts { Os = "linux", Architecture = "x86_64", Cpus = 2, MemoryBytes = 1L << 30, Load = 0.5 });

    private async ValueTask DoAsync(string phase, NodeWork work, CancellationToken cancellation)
    {
        for (var half = 0; half < 2; half++)
        {
            await ReachAsync($"do:{phase}:{half}", work.Node).WaitAsync(cancellation);
            _world.Make($"{work.Record.Id}/{phase}:{half}");
            work[phase] = $"{half}";
        }

        await ReachAsync($"do:{phase}:2", work.Node).WaitAsync(cancellation);
    }

    private async ValueTask UndoAsync(string phase, NodeWork work)
    {
        for (var half = 1; half >= 0; half--)
        {
            await ReachAsync($"undo:{phase}:{1 - half}", work.Node);
            _world.Remove($"{work.Record.Id}/{phase}:{half}");
        }

        await ReachAsync($"undo:{phase}:2", work.Node);
    }

    private async Task ReachAsync(string point, Node node)
    {
        if (_isDead)
            await Die();
        await Reached(point, node);
        if (_isDead)
            await Die();
    }
}
