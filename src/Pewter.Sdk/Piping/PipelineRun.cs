using Pewter.NineP;

namespace Pewter.Sdk.Piping;

/// <summary>
/// A pipeline that runs: its processes over the nodes and the edges between them. Plain pipes are spliced from node to node; the records of
/// the others go through this program. Owns its processes; disposing kills what runs of them.
/// </summary>
public sealed class PipelineRun : IAsyncDisposable
{
    private const string BrokenPipe = "PIPE";

    /// <summary>Whose readers are over has this long to end its output by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>More than an agent keeps: whoever has written this much to nobody does not end.</summary>
    private const int DrainBytes = 16 << 20;

    private readonly IReadOnlyList<IReadOnlyList<Process>> _stages;

    private PipelineRun(PipelinePlan plan, IReadOnlyList<IReadOnlyList<Process>> stages)
    {
        (Plan, _stages) = (plan, stages);
        Edges = [.. plan.Edges.Select(edge => new EdgeCounters(edge.To) { IsSpliced = edge.Kind == PipeKind.OneToOne })];
    }

    /// <summary>The graph.</summary>
    public PipelinePlan Plan { get; }

    /// <summary>The processes by stage and instance.</summary>
    public IReadOnlyList<IReadOnlyList<Process>> Stages => _stages;

    /// <summary>What has passed each edge.</summary>
    public IReadOnlyList<EdgeCounters> Edges { get; }

    /// <summary>Starts all processes of a plan, or none.</summary>
    public static async Task<PipelineRun> StartAsync(
        PewterClient client, PipelinePlan plan, PipelineOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        string[] files = options.Files.Count == 0 ? [] : ["files " + (await client.Files.PushAsync(options.Files, cancellation)).Digest];
        var started = plan.Stages.Select(stage => new Process?[stage.Degree]).ToArray();
        try
        {
            await Task.WhenAll(plan.Stages.SelectMany(stage => Enumerable.Range(0, stage.Degree).Select(async instance =>
                started[stage.Number - 1][instance] = await client.SpawnAsync(Spec(stage, instance, options) with { Commands = files },
                    cancellation))));
        }
        catch
        {
            await EndAsync(started.SelectMany(stage => stage).OfType<Process>());
            throw;
        }

        return new PipelineRun(plan, [.. started.Select(stage => (Process[])stage!)]);
    }

    /// <summary>Carries records until every process is over.</summary>
    /// <param name="input">The input of the first stage; disposed.</param>
    /// <param name="output">Gets what the last stage writes; not disposed.</param>
    /// <param name="cancellation">Kills it all.</param>
    /// <returns>How each ended, by stage and instance.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<ExitResult>>> RunAsync(Stream input, Stream output, CancellationToken cancellation = default)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var feeding = FeedAsync(input, _stages[0][0], over.Token);
        List<Task> carrying = [DrainAsync(output, cancellation)];
        for (var i = 0; i < Edges.Count; i++)
        {
            carrying.Add(CarryAsync(i, cancellation));
            carrying.AddRange(Pairs(i).Select(pair => BreakAsync(pair.From, pair.To, cancellation)));
        }

        await Task.WhenAll(carrying);
        var exits = new List<IReadOnlyList<ExitResult>>();
        foreach (var stage in _stages)
        {
            exits.Add(await Task.WhenAll(stage.Select(process => process.WaitAsync(cancellation).AsTask())));
        }

        await over.CancelAsync();
        await feeding;
        return exits;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await EndAsync(_stages.SelectMany(stage => stage));

    private static SpawnSpec Spec(PlannedStage stage, int instance, PipelineOptions options) => new("/bin/sh", "-c", stage.Text)
    {
        Query = stage.Query,
        Layout = options.Layout,
        KeepOutput = true,
        Environment = new Dictionary<string, string>(options.Environment, StringComparer.Ordinal)
        {
            ["PEWTER_STAGE"] = FormattableString.Invariant($"{stage.Number}"),
            ["PEWTER_INDEX"] = FormattableString.Invariant($"{instance}"),
            ["PEWTER_COUNT"] = FormattableString.Invariant($"{stage.Degree}"),
        },
    };

    private static async Task EndAsync(IEnumerable<Process> processes) => await Task.WhenAll(processes.Select(async process =>
    {
        try
        {
            await process.KillAsync();
        }
        catch (FileException)
        {
            // Over already.
        }

        await process.DisposeAsync();
    }));

    private static async Task FeedAsync(Stream input, Process first, CancellationToken cancellation)
    {
        try
        {
            await using var source = input;
            await using var target = await first.OpenInputAsync(cancellation);
            await source.CopyToAsync(target, cancellation);
        }
        catch (Exception ended) when (ended is OperationCanceledException or FileException)
        {
            // It reads no more, or all is over.
        }
    }

    private async Task CarryAsync(int edge, CancellationToken cancellation)
    {
        var (from, to, planned) = (_stages[edge], _stages[edge + 1], Plan.Edges[edge]);
        if (planned.Kind == PipeKind.OneToOne)
        {
            await Task.WhenAll(from.Zip(to).Select(pair => pair.Second.SpliceFromAsync(pair.First.Path, 1, cancellation).AsTask()));
            return;
        }

        // Inputs first: a stage whose input nobody holds open would see its end when the first is closed.
        var targets = await Task.WhenAll(to.Select(process => process.OpenInputAsync(cancellation).AsTask()));
        var sources = await Task.WhenAll(from.Select(process => process.OpenOutputAsync(cancellation).AsTask()));
        await RecordRouter.RunAsync(planned, Edges[edge], sources, targets, cancellation);
    }

    private async Task DrainAsync(Stream output, CancellationToken cancellation)
    {
        var sources = await Task.WhenAll(_stages[^1].Select(process => process.OpenOutputAsync(cancellation).AsTask()));
        if (sources is [var only])
        {
            await using (only)
            {
                await only.CopyToAsync(output, cancellation);
            }

            return;
        }

        var merged = new PlannedEdge(PipeKind.FanIn, sources.Length, 1, null);
        await RecordRouter.RunAsync(merged, new EdgeCounters(1), sources, [new KeptStream(output)], cancellation);
    }

    // Whoever goes on writing to processes that are over gets what a shell's pipe gives: SIGPIPE.
    private static async Task BreakAsync(IReadOnlyList<Process> from, IReadOnlyList<Process> to, CancellationToken cancellation)
    {
        await Task.WhenAll(to.Select(process => process.WaitAsync(cancellation).AsTask()));
        await Task.WhenAll(from.Select(async process =>
        {
            try
            {
                if (!await HasEndedOutputAsync(process, cancellation))
                {
                    await process.SignalAsync(BrokenPipe, toGroup: true, cancellation);
                }
            }
            catch (FileException)
            {
                // Over meanwhile, as it should be.
            }
        }));
    }

    private static async Task<bool> HasEndedOutputAsync(Process process, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            await using var output = await process.OpenOutputAsync(limit.Token);
            var buffer = new byte[64 << 10];
            for (var left = DrainBytes; left > 0;)
            {
                var count = await output.ReadAsync(buffer, limit.Token);
                if (count == 0)
                {
                    return true;
                }

                left -= count;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It neither writes nor ends.
        }

        return false;
    }

    private IEnumerable<(IReadOnlyList<Process> From, IReadOnlyList<Process> To)> Pairs(int edge) =>
        Plan.Edges[edge].Kind == PipeKind.OneToOne
            ? _stages[edge].Zip(_stages[edge + 1], (from, to) => ((IReadOnlyList<Process>)[from], (IReadOnlyList<Process>)[to]))
            : [(_stages[edge], _stages[edge + 1])];
}
