using System.Runtime.CompilerServices;
using System.Text.Json;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>
/// Processes that were spawned together, over any nodes. Signals go to all of them, output comes from all of them; each is also a <see
/// cref="Process"/> of its own. See <see cref="ProcessSession"/> for how long it is there.
/// </summary>
public sealed class ProcessGroup : ProcessSession
{
    private readonly Lock _lock = new();
    private readonly bool[] _isTold;

    internal ProcessGroup(TreeClient tree, string path, TreeHandle? hold, IReadOnlyList<Process> members)
        : base(tree, path, hold) => (Members, _isTold) = (members, new bool[members.Count]);

    /// <summary>Its processes, by index.</summary>
    public IReadOnlyList<Process> Members { get; }

    /// <summary>Waits until all are over; how each ended, by index.</summary>
    public async ValueTask<IReadOnlyList<ExitResult>> WaitAllAsync(CancellationToken cancellation = default)
    {
        if (Members.Any(member => member.Exit is null))
        {
            await Tree.ReadBytesAsync(Path + "/wait", cancellation);
            await LearnAsync(cancellation);
        }

        return [.. Members.Select(member => member.Exit!)];
    }

    /// <summary>Waits until all are over, at most for so long; null when some still run.</summary>
    public async ValueTask<IReadOnlyList<ExitResult>?> WaitAllAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await WaitAllAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Waits until one is over that no earlier call has given, as waitpid(0) does; null when there is none left.</summary>
    public async ValueTask<Process?> WaitAnyAsync(CancellationToken cancellation = default)
    {
        await foreach (var ended in WhenEachAsync(cancellation))
        {
            return ended;
        }

        return null;
    }

    /// <summary>The same, at most for so long; null also when none was over in that time.</summary>
    public async ValueTask<Process?> WaitAnyAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await WaitAnyAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>
    /// Gives each process as it is over, once: what <see cref="WaitAnyAsync(CancellationToken)"/> or another of these has given is left
    /// out. One request waits for all, however many they are.
    /// </summary>
    public async IAsyncEnumerable<Process> WhenEachAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var events = await Tree.OpenAsync(Path + "/events", OpenFlags.ReadOnly, cancellation);
        while (true)
        {
            if (Members.Any(member => member.Exit is null))
            {
                await LearnAsync(cancellation);
            }

            while (TakeNews() is { } ended)
            {
                yield return ended;
            }

            if (Members.All(member => member.Exit is not null) || await events.ReadTextAsync(cancellation) is "")
            {
                yield break;
            }
        }
    }

    /// <summary>Its output, line by line, with the process that wrote it.</summary>
    public IAsyncEnumerable<(Process Process, string Line)> ReadLinesAsync(CancellationToken cancellation = default) =>
        ReadTaggedAsync("stdout", cancellation);

    /// <summary>Its errors, line by line, with the process that wrote it.</summary>
    public IAsyncEnumerable<(Process Process, string Line)> ReadErrorLinesAsync(CancellationToken cancellation = default) =>
        ReadTaggedAsync("stderr", cancellation);

    private async IAsyncEnumerable<(Process Process, string Line)> ReadTaggedAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var output = await Tree.OpenAsync($"{Path}/{name}", OpenFlags.ReadOnly, cancellation);
        while (await output.ReadLineAsync(cancellation) is { } line)
        {
            if (TaggedLine.TryParse(line, out var index, out var text) && index < Members.Count)
            {
                yield return (Members[index], text.ToString());
            }
        }
    }

    // One that is over and that nobody was told of.
    private Process? TakeNews()
    {
        lock (_lock)
        {
            var news = Members.FirstOrDefault(member => member.Exit is not null && !_isTold[member.Index]);
            if (news is not null)
            {
                _isTold[news.Index] = true;
            }

            return news;
        }
    }

    private async ValueTask LearnAsync(CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(await Tree.ReadBytesAsync(Path + "/json", cancellation));
        foreach (var leaf in document.RootElement.GetProperty("leaves").EnumerateArray())
        {
            if (leaf.TryGetProperty("exit", out var record) && record.ValueKind == JsonValueKind.Object)
            {
                Members[leaf.GetProperty("index").GetInt32()].Exit ??= ExitResult.Parse(record);
            }
        }
    }
}
