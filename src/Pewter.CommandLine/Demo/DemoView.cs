using System.Globalization;

namespace Pewter.CommandLine.Demo;

/// <summary>The progress of a demonstration: one line, drawn anew on a terminal, else printed now and then.</summary>
internal sealed class DemoView(CommandContext context, int nodes, long points)
{
    private const int BarWidth = 24;
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(2);

    private readonly long _started = context.Host.Time.GetTimestamp();
    private long _shown;

    /// <summary>Since the first point.</summary>
    public TimeSpan Elapsed => context.Host.Time.GetElapsedTime(_started);

    private bool IsTerminal => context.Host.MessagesAreTerminal;

    /// <summary>Shows how far it is, unless it was shown just now.</summary>
    public void Show(Estimate estimate, int running, bool isLast = false)
    {
        if (!isLast && _shown != 0 && context.Host.Time.GetElapsedTime(_shown) < (IsTerminal ? OnTerminal : Elsewhere))
        {
            return;
        }

        _shown = context.Host.Time.GetTimestamp();
        var share = Math.Min(1, (double)estimate.Points / points);
        var filled = (int)(share * BarWidth);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{new string('█', filled)}{new string('░', BarWidth - filled)} {share,4:P0}  {running}/{nodes} nodes  {Rate(estimate)}  "
            + $"π ≈ {estimate.Value:0.000000} ± {estimate.ExpectedError:0.000000}");
        context.Host.Messages.Write(IsTerminal ? $"\r\e[K{line}{(isLast ? "\n" : "")}" : line + "\n");
    }

    /// <summary>Points a second, in millions.</summary>
    public string Rate(Estimate estimate) => string.Create(
        CultureInfo.InvariantCulture, $"{estimate.Points / 1e6 / Math.Max(0.001, Elapsed.TotalSeconds):0.0} M points/s");
}
