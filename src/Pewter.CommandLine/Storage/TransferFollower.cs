using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary>Shows on a terminal how far an image is while a command makes it.</summary>
internal static class TransferFollower
{
    private const int BarWidth = 24;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits for the work; without a terminal nothing is shown.</summary>
    public static async ValueTask<T> FollowAsync<T>(CommandContext context, string image, Task<T> work)
    {
        if (!context.Host.MessagesAreTerminal || context.Value(GlobalOptions.Quiet))
        {
            return await work;
        }

        var tree = await context.ConnectAsync();
        var started = context.Host.Time.GetTimestamp();
        while (!context.Cancellation.IsCancellationRequested
            && await Task.WhenAny(work, Task.Delay(Period, context.Host.Time, context.Cancellation)) != work)
        {
            Show(context, await LineAsync(tree, image, context.Host.Time.GetElapsedTime(started), context.Cancellation));
        }

        Show(context, "");
        return await work;
    }

    /// <summary>Shows a line over the one before; the terminal's cursor stays at its start.</summary>
    public static void Show(CommandContext context, string line)
    {
        if (context.Host.MessagesAreTerminal && !context.Value(GlobalOptions.Quiet))
        {
            context.Host.Messages.Write($"\r{line}\e[K");
            context.Host.Messages.Flush();
        }
    }

    /// <summary>A bar: what, how much of how much, and how fast.</summary>
    public static string Line(string image, string phase, long done, long? total, TimeSpan elapsed)
    {
        var rate = elapsed > TimeSpan.Zero && done > 0 ? $"  {Bytes.Text((long)(done / elapsed.TotalSeconds))}/s" : "";
        if (total is not > 0)
        {
            return done > 0 ? $"{image}  {phase}  {Bytes.Text(done)}{rate}" : $"{image}  {phase}  {elapsed.TotalSeconds:0} s";
        }

        var filled = (int)Math.Clamp(done * BarWidth / total.Value, 0, BarWidth);
        var bar = new string('#', filled) + new string('-', BarWidth - filled);
        return $"{image}  {phase}  [{bar}] {done * 100 / total.Value,3}%  {Bytes.Text(done)} of {Bytes.Text(total.Value)}{rate}";
    }

    private static async ValueTask<string> LineAsync(TreeClient tree, string image, TimeSpan elapsed, CancellationToken cancellation)
    {
        try
        {
            using var json = JsonDocument.Parse(await tree.TextAsync($"/image/{image}/json", cancellation));
            var row = json.RootElement;
            long? Number(string name) => row.TryGetProperty(name, out var value) ? value.GetInt64() : null;
            return Line(image, StorageText.Value(row, "phase"), Number("done") ?? 0, Number("total"), elapsed);
        }
        catch (FileException)
        {
            // Not begun yet, or over already.
            return "";
        }
    }
}
