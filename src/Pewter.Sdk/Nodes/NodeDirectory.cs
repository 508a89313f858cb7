using System.Globalization;
using System.Text.Json;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>The nodes of a system, its peers' included. Safe to share.</summary>
public sealed class NodeDirectory
{
    private const int AtOnce = 32;

    private readonly TreeClient _tree;

    internal NodeDirectory(TreeClient tree) => _tree = tree;

    /// <summary>Allocates nodes, all or none; returns when they can be used.</summary>
    public async ValueTask<IReadOnlyList<NodeInfo>> AllocateAsync(NodeRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var replies = await _tree.CommandAsync("/node/ctl", Words(request), cancellation);
        var made = replies.Where(reply => reply.Target.Contains("/node/", StringComparison.Ordinal));
        return [.. made.Select(reply => new NodeInfo(reply.Target, reply.Line))];
    }

    /// <summary>
    /// Copies a running machine with all that runs in it, all copies or none; returns when they can be used.
    /// </summary>
    public async ValueTask<IReadOnlyList<NodeInfo>> ForkAsync(NodeInfo node, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        var words = new[] { "fork", string.Create(CultureInfo.InvariantCulture, $"n={count}") };
        var replies = await _tree.CommandAsync(node.Path + "/ctl", words, cancellation);
        return [.. replies.Select(reply => new NodeInfo(reply.Target, reply.Line))];
    }

    /// <summary>Waits until a node that is being made can be used.</summary>
    /// <exception cref="FileException">EIO: it will not be; says why.</exception>
    public async ValueTask WaitReadyAsync(NodeInfo node, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        await using var wait = await _tree.OpenAsync(node.Path + "/wait", NineP.Serving.OpenFlags.ReadWrite, cancellation);
        await wait.WriteTextAsync("ready\n", cancellation);
        var line = await wait.ReadLineAsync(cancellation) ?? "";
        if (!line.Contains(" state=ready", StringComparison.Ordinal))
        {
            throw new FileException(Errno.EIO, line);
        }
    }

    /// <summary>The nodes that a query finds, such as <c>kind=cell/mem&gt;=1G</c>; null: all.</summary>
    public async ValueTask<IReadOnlyList<NodeInfo>> ListAsync(string? query = null, CancellationToken cancellation = default)
    {
        var path = string.IsNullOrEmpty(query) ? "/node/json" : $"/node/query/{query.Trim('/')}/json";
        using var document = JsonDocument.Parse(await _tree.ReadBytesAsync(path, cancellation));
        return [.. document.RootElement.EnumerateArray().Select(node => new NodeInfo(node.GetProperty("path").GetString()!, node.Clone()))];
    }

    /// <summary>Ends all that runs on a node and takes it away. Nothing happens when it is gone already.</summary>
    public async ValueTask ReleaseAsync(NodeInfo node, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        try
        {
            await _tree.CommandAsync(node.Path + "/ctl", ["release"], cancellation);
        }
        catch (FileException gone) when (gone.Errno == Errno.ENOENT)
        {
            // Somebody else was first, or its lease was.
        }
    }

    /// <summary>Releases nodes, many at once.</summary>
    public async ValueTask ReleaseAsync(IEnumerable<NodeInfo> nodes, CancellationToken cancellation = default) => await Parallel.ForEachAsync(
        nodes, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, (node, stop) => ReleaseAsync(node, stop));

    private static IEnumerable<string> Words(NodeRequest request)
    {
        yield return "alloc";
        yield return string.Create(CultureInfo.InvariantCulture, $"n={request.Count}");
        yield return $"kind={request.Kind}";
        (string Key, IFormattable? Value)[] numbers =
        [
            ("cpu", request.Cpus), ("mem", request.MemoryBytes), ("pids", request.Processes), ("lease", request.Lease?.TotalMilliseconds),
        ];
        foreach (var (key, value) in numbers)
        {
            if (value is not null)
            {
                yield return $"{key}={value.ToString(null, CultureInfo.InvariantCulture)}{(key == "lease" ? "ms" : "")}";
            }
        }

        if (request.Name is { } name)
        {
            yield return $"name={name}";
        }

        foreach (var word in request.Options.Concat(request.Labels))
        {
            yield return word;
        }
    }
}
