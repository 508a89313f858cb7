using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// A splice whose bytes go through the tree, and this daemon. As on the shorter ways, a target that ends gives the source SIGPIPE, and a source
/// that did not end by itself is an error at the target. Owns the two opens.
/// </summary>
/// <param name="tree">The tree, as the daemon.</param>
/// <param name="reader">The source's output.</param>
/// <param name="writer">The target's input.</param>
/// <param name="edge">What is shown of it.</param>
/// <param name="source">The source's directory; null when it is no session.</param>
/// <param name="target">The directory of the target at its node.</param>
internal sealed class TreeRelay(TreeClient tree, TreeHandle reader, TreeHandle writer, RelayEdge edge, string? source, string target)
{
    private const int PieceBytes = 256 << 10;

    // A program that still runs so long after its output ended has closed it by itself.
    private static readonly TimeSpan LivesOn = TimeSpan.FromSeconds(2);

    /// <summary>Moves the bytes to the end; never fails.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ended = WaitAsync(target, over.Token);
        var moving = MoveAsync(over.Token);
        var isTargetOver = await Task.WhenAny(ended, moving) == ended && await ended is not null;
        if (isTargetOver)
        {
            await over.CancelAsync();
        }

        var error = await moving;
        if (isTargetOver && error is not null)
        {
            error = "the program that was fed has ended, or closed its input";
        }

        if (error is not null && source is not null && !cancellation.IsCancellationRequested)
        {
            await TellSourceAsync();
        }

        edge.Error = error ?? await VerdictAsync(cancellation);
        edge.State = edge.Error.Length == 0 ? "done" : "broken";
        await over.CancelAsync();
        await ended;
    }

    /// <summary>Null at the end of the source, otherwise what went wrong.</summary>
    private async Task<string?> MoveAsync(CancellationToken cancellation)
    {
        try
        {
            await using (writer)
            await using (reader)
            {
                var buffer = new byte[PieceBytes];
                while (await reader.ReadAsync(buffer, cancellation) is > 0 and var count)
                {
                    await writer.WriteAsync(buffer.AsMemory(0, count), cancellation);
                    edge.Bytes += count;
                }
            }

            return null;
        }
        catch (Exception end) when (end is FileException or OperationCanceledException)
        {
            return end.Message;
        }
    }

    private async Task TellSourceAsync()
    {
        try
        {
            await tree.CommandAsync(source + "/ctl", ["signal", "PIPE", "to=group"], CancellationToken.None);
        }
        catch (FileException)
        {
            // It has ended too, or is out of reach.
        }
    }

    private async Task<string> VerdictAsync(CancellationToken cancellation)
    {
        if (source is null)
        {
            return "";
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LivesOn);
        return await WaitAsync(source, patience.Token) is { } line && Word(line, "cause") is { } cause and not "exit"
            ? $"the source did not end by itself: {cause}"
            : "";
    }

    private async Task<string?> WaitAsync(string session, CancellationToken cancellation)
    {
        try
        {
            return await tree.ReadTextAsync(session + "/wait", cancellation);
        }
        catch (Exception end) when (end is FileException or OperationCanceledException)
        {
            return null;
        }
    }

    private static string? Word(string line, string key) =>
        line.Split(' ').FirstOrDefault(word => word.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..];
}
