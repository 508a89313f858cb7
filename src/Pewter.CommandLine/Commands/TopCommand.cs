using System.CommandLine;
using System.Globalization;
using System.Text;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Running;
using Pewter.Configuration;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter top</c>: what the processes of all nodes use, live on a terminal, once elsewhere.</summary>
internal sealed class TopCommand : PewterCommand
{
    private const string Home = "\e[H";
    private const string ClearLine = "\e[K";
    private const string ClearBelow = "\e[J";
    private const string AlternateScreen = "\e[?1049h\e[?25l";
    private const string OrdinaryScreen = "\e[?25h\e[?1049l";
    private const int LinesBesideRows = 4;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    private readonly Argument<string?> _query = new("QUERY") { Description = "Which, such as user=lab", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _interval = new("--interval", "-i") { Description = "How long between two looks (1s)", HelpName = "TIME" };
    private readonly Option<bool> _once = new("--once", "-1") { Description = "Print it once, also on a terminal" };

    public TopCommand(CommandHost host)
        : base(host, "top", "Show what processes use: CPU, memory, state")
    {
        Add(_query);
        Add(_interval);
        Add(_once);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var interval = DefaultInterval;
        if (context.Value(_interval) is { } text && (!Duration.TryParse(text, out interval) || interval < TimeSpan.FromMilliseconds(50)))
        {
            throw new CommandException($"--interval takes a length of time from 50ms on, such as 2s, not '{text}'.", ExitCode.Usage);
        }

        var sampler = new UsageSampler((await context.SystemAsync()).Tree, context.Host.Time);
        await sampler.LookAsync(context.Value(_query), context.Cancellation);
        if (context.Host.OutputIsTerminal && context.Output.Format == OutputFormat.Table && !context.Value(_once))
        {
            return await LiveAsync(context, sampler, interval);
        }

        await Task.Delay(interval, context.Host.Time, context.Cancellation);
        var rows = await sampler.LookAsync(context.Value(_query), context.Cancellation);
        await context.Output.ListAsync(UsageRow.Table, rows, context.Cancellation);
        return ExitCode.Ok;
    }

    private async ValueTask<int> LiveAsync(CommandContext context, UsageSampler sampler, TimeSpan interval)
    {
        await context.Output.TextAsync(AlternateScreen, context.Cancellation);
        try
        {
            while (true)
            {
                await context.Output.TextAsync(Page(context, await sampler.LookAsync(context.Value(_query), context.Cancellation)),
                    context.Cancellation);
                await Task.Delay(interval, context.Host.Time, context.Cancellation);
            }
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how a person leaves.
            return ExitCode.Ok;
        }
        finally
        {
            await context.Output.TextAsync(OrdinaryScreen, CancellationToken.None);
        }
    }

    private static string Page(CommandContext context, IReadOnlyList<UsageRow> rows)
    {
        var (height, width) = context.Host.Terminal?.Size ?? (24, context.Host.Width());
        var (nodes, cpu) = (rows.Select(row => row.Node).Distinct().Count(), rows.Sum(row => row.Cpu));
        var memory = Bytes.Text(rows.Sum(row => row.MemoryBytes));
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"{rows.Count} processes on {nodes} nodes   cpu {cpu:0}%   memory {memory}   {context.Host.Time.GetLocalNow():HH:mm:ss}");
        var page = new StringBuilder(Home).Append(context.Style.Strong(Cut(head, width)));
        page.Append(ClearLine).Append('\n').Append(ClearLine).Append('\n');
        var table = TableText.Render(UsageRow.Table, [.. rows.Take(Math.Max(1, height - LinesBesideRows))], TextStyle.Plain);
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            page.Append(Cut(line, width)).Append(ClearLine).Append('\n');
        }

        return page.Append(ClearBelow).ToString();
    }

    private static string Cut(string line, int width) => line.Length <= width ? line : line[..Math.Max(0, width)];
}
