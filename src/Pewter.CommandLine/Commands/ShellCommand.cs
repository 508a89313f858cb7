using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Running;
using Pewter.NineP;
using Pewter.Sdk;
using Pewter.Sdk.Piping;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter sh 'ls |&lt; grep x |#| sort &gt;| uniq -c'</c>: a pipeline whose stages run on many nodes.</summary>
internal sealed class ShellCommand : PewterCommand
{
    private readonly Argument<string[]> _line = new("PIPELINE")
    {
        Description = "Commands with | (one to one), |< (fan out), |#| (by hash, |#key=2| of a field) and >| (fan in) between them",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _degree = new("--degree", "-n")
    {
        Description = "How many instances fan out (4), or those of a stage", HelpName = "[STAGE:]N",
    };
    private readonly Option<string[]> _on = new("--on") { Description = "Which nodes, or those of a stage", HelpName = "[STAGE:]QUERY" };
    private readonly Option<int?> _key = new("--key") { Description = "The field, from 1, that hash pipes go by", HelpName = "FIELD" };
    private readonly Option<bool> _pack = new("--pack") { Description = "Fill a node before the next one is used" };
    private readonly Option<string[]> _environment = new("--env", "-e") { Description = "A variable for all stages", HelpName = "NAME=VALUE" };
    private readonly Option<string[]> _push = new("--push") { Description = "A file that the nodes of all stages are to have", HelpName = "FILE" };
    private readonly Option<bool> _stats = new("--stats") { Description = "At the end, say what passed each pipe" };
    private readonly Option<bool> _noInput = new("--no-input") { Description = "Give the first stage no standard input" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public ShellCommand(CommandHost host)
        : base(host, "sh", "Run a pipeline over many nodes")
    {
        Add(_line);
        foreach (var option in (Option[])[_degree, _on, _key, _pack, _environment, _push, _stats, _noInput, _dryRun])
        {
            Add(option);
        }
    }

    public override bool ForwardsSignals => true;

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var options = Arrange(context);
        var plan = Plan(string.Join(' ', context.Value(_line)!), options);
        if (context.Value(_dryRun))
        {
            ShowPlan(context, plan);
            return ExitCode.Ok;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        using var signals = context.Host.Signals?.Take(["INT", "TERM", "HUP"], _ => stop.Cancel());
        try
        {
            return await RunAsync(context, plan, options, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !context.Cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private async ValueTask<int> RunAsync(CommandContext context, PipelinePlan plan, PipelineOptions options, CancellationToken cancellation)
    {
        var system = await context.SystemAsync();
        await using var run = await PipelineRun.StartAsync(system, plan, options, cancellation);
        var errors = Task.WhenAll(run.Stages.SelectMany((stage, i) => stage.Select((process, instance) =>
            StageErrors.CopyAsync(context, plan.Stages[i], instance, process, cancellation))));
        var exits = await run.RunAsync(context.Value(_noInput) ? Stream.Null : context.Host.Input, context.Host.Output, cancellation);
        await errors;
        for (var i = 0; i < exits.Count; i++)
        {
            StageErrors.Explain(context, plan.Stages[i], run.Stages[i], exits[i]);
        }

        if (context.Value(_stats))
        {
            ShowCounters(context, run, exits);
        }

        return exits[^1].Max(exit => exit.ShellCode);
    }

    private static PipelinePlan Plan(string line, PipelineOptions options)
    {
        try
        {
            return PipelinePlan.Make(line, options);
        }
        catch (FileException wrong)
        {
            throw new CommandException(wrong.Message, ExitCode.Usage);
        }
    }

    private PipelineOptions Arrange(CommandContext context)
    {
        var degrees = ByStage(context.Value(_degree) ?? [], "--degree");
        var queries = ByStage(context.Value(_on) ?? [], "--on");
        return new PipelineOptions
        {
            Degree = degrees.TryGetValue(0, out var degree) ? Number(degree) : new PipelineOptions().Degree,
            Degrees = degrees.Where(pair => pair.Key > 0).ToDictionary(pair => pair.Key, pair => Number(pair.Value)),
            Query = queries.GetValueOrDefault(0),
            Queries = queries.Where(pair => pair.Key > 0).ToDictionary(),
            KeyField = context.Value(_key),
            Layout = context.Value(_pack) ? Layout.Pack : Layout.Spread,
            Environment = SpawnOptions.Variables(context.Value(_environment) ?? []),
            Files = context.Value(_push) ?? [],
        };
    }

    // "4" is for all (0), "2:8" for the second stage.
    private static Dictionary<int, string> ByStage(string[] words, string option)
    {
        var found = new Dictionary<int, string>();
        foreach (var word in words)
        {
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            var stage = 0;
            if (colon > 0 && int.TryParse(word.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out stage))
            {
                found[stage] = word[(colon + 1)..];
            }
            else if (word.Length > 0)
            {
                found[0] = word;
            }
            else
            {
                throw new CommandException($"{option} needs a value.", ExitCode.Usage);
            }
        }

        return found;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new CommandException($"--degree takes a number such as 8, or one for a stage such as 2:8, not '{text}'.", ExitCode.Usage);

    private static void ShowPlan(CommandContext context, PipelinePlan plan)
    {
        foreach (var stage in plan.Stages)
        {
            var place = stage.Query ?? "this machine";
            context.Say(string.Create(CultureInfo.InvariantCulture, $"{stage.Number}  {stage.Degree} x {stage.Text}  on {place}"));
        }
    }

    private static void ShowCounters(CommandContext context, PipelineRun run, IReadOnlyList<IReadOnlyList<ExitResult>> exits)
    {
        for (var i = 0; i < run.Edges.Count; i++)
        {
            var (edge, counters) = (run.Plan.Edges[i], run.Edges[i]);
            var passed = counters.IsSpliced
                ? $"spliced from node to node  {exits[i].Sum(exit => exit.OutputBytes)} bytes out of stage {i + 1}"
                : $"{counters.Records} records  {counters.Bytes} bytes  by instance {string.Join(' ', counters.RecordsByLane)}";
            context.Host.Messages.WriteLine($"pipe {i + 1}  {edge.From} to {edge.To}  {passed}");
        }
    }
}
