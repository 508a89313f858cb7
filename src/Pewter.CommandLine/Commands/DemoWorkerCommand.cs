using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Demo;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter demo-worker POINTS</c>: what the demonstration runs on each node; prints a line <c>points inside</c> for each batch.</summary>
internal sealed class DemoWorkerCommand : PewterCommand
{
    private const long Batch = 2_000_000;

    private readonly Argument<long> _points = new("POINTS");

    public DemoWorkerCommand(CommandHost host)
        : base(host, "demo-worker", "Throw points and count those in the circle")
    {
        Add(_points);
        Hidden = true;
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var index = ulong.Parse(context.Host.Variable("PEWTER_INDEX") ?? "0", CultureInfo.InvariantCulture);
        var batch = 0UL;
        for (var left = context.Value(_points); left > 0; left -= Batch)
        {
            // Seeds far apart: no two batches of any two workers throw the same points.
            var (points, inside) = Estimate.Throw(Math.Min(Batch, left), ((index << 40) + batch++) * 0xD1342543DE82EF95 + 1);
            await context.Output.TextAsync(string.Create(CultureInfo.InvariantCulture, $"{points} {inside}\n"), context.Cancellation);
        }

        return ExitCode.Ok;
    }
}
