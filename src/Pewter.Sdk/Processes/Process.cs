using System.Text.Json;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>One process on some node. See <see cref="ProcessSession"/> for how long it is there.</summary>
public sealed class Process : ProcessSession
{
    private volatile ExitResult? _exit;

    internal Process(TreeClient tree, string path, TreeHandle? hold, int index = 0, string? node = null)
        : base(tree, path, hold) => (Index, Node) = (index, node);

    /// <summary>Its place in its group, from 0.</summary>
    public int Index { get; }

    /// <summary>The node's directory, where it is known: processes of a group.</summary>
    public string? Node { get; }

    /// <summary>How it ended, if that is known here already; <see cref="WaitAsync(CancellationToken)"/> makes it known.</summary>
    public ExitResult? Exit
    {
        get => _exit;
        internal set => _exit = value;
    }

    /// <summary>Waits until it is over. May be asked any number of times, by any number of callers, also after its end.</summary>
    public async ValueTask<ExitResult> WaitAsync(CancellationToken cancellation = default)
    {
        if (_exit is { } known)
        {
            return known;
        }

        var line = await Tree.ReadTextAsync(Path + "/wait", cancellation);
        var exit = ExitResult.Parse(line.TrimEnd('\n'));
        return _exit = Path.Count(c => c == '/') > 2 ? await DetailAsync(exit, cancellation) : exit;
    }

    /// <summary>Waits until it is over, at most for so long; null when it still runs.</summary>
    public async ValueTask<ExitResult?> WaitAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>What there is to know of it now, as the tree tells it.</summary>
    public async ValueTask<JsonElement> DescribeAsync(CancellationToken cancellation = default)
    {
        using var document = JsonDocument.Parse(await Tree.ReadTextAsync(Path + "/json", cancellation));
        return document.RootElement.Clone();
    }

    // The line of a member of a group says only the code; its json has the whole record.
    private async ValueTask<ExitResult> DetailAsync(ExitResult exit, CancellationToken cancellation) =>
        (await DescribeAsync(cancellation)).TryGetProperty("exit", out var record) && record.ValueKind == JsonValueKind.Object
            ? ExitResult.Parse(record) with { ShellCode = exit.ShellCode }
            : exit;
}
