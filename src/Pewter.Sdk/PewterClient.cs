using System.Globalization;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>
/// A system as a program uses it: run processes anywhere, take and give back nodes. All of it is done by files of the tree, so it can do
/// what its caller may do from a shell and nothing else. Failures are <see cref="FileException"/>s with an errno and a sentence. Safe to
/// share.
/// </summary>
public sealed class PewterClient : IAsyncDisposable
{
    private readonly IAsyncDisposable? _connection;

    private PewterClient(TreeClient tree, IAsyncDisposable? connection, TimeProvider? time)
    {
        (Tree, _connection) = (tree, connection);
        Nodes = new NodeDirectory(tree);
        Files = new FileStore(tree, time ?? TimeProvider.System);
    }

    /// <summary>The tree itself, for what has no member here.</summary>
    public TreeClient Tree { get; }

    /// <summary>The nodes.</summary>
    public NodeDirectory Nodes { get; }

    /// <summary>Files on their way to nodes.</summary>
    public FileStore Files { get; }

    /// <summary>Connects to a daemon; null: the one of this environment, see <see cref="PewterEndpoint.Default"/>.</summary>
    /// <exception cref="FileException">Nothing answers there, or it refuses.</exception>
    public static async ValueTask<PewterClient> ConnectAsync(
        PewterEndpoint? endpoint = null, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        var connection = await PewterConnection.OpenAsync(endpoint ?? PewterEndpoint.Default(), time, cancellation);
        return new PewterClient(new TreeClient(connection.Root, Caller.System), connection, time);
    }

    /// <summary>Connects to a daemon at an address such as <c>unix:PATH</c> or <c>tls://HOST:PORT</c>.</summary>
    public static ValueTask<PewterClient> ConnectAsync(string address, string? token = null, CancellationToken cancellation = default) =>
        ConnectAsync(PewterEndpoint.Parse(address, token), null, cancellation);

    /// <summary>Works over a tree in this process, or one connected otherwise; whoever has it disposes it.</summary>
    public static PewterClient Over(TreeClient tree) => new(tree, null, null);

    /// <summary>Starts a program. Returns when it runs; what stops it from that is the failure.</summary>
    public async ValueTask<Process> SpawnAsync(SpawnSpec spec, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec = await PushAsync(spec, cancellation);
        var (id, ctl) = await Tree.CloneAsync("/proc", cancellation);
        try
        {
            await SessionLines.TellAsync(ctl, [.. SessionLines.Before(spec, isGroup: false), SessionLines.Start(spec)], cancellation);
            return new Process(Tree, "/proc/" + id, ctl);
        }
        catch
        {
            await ctl.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a program with arguments on this machine.</summary>
    public ValueTask<Process> SpawnAsync(string program, params IEnumerable<string> arguments) => SpawnAsync(new SpawnSpec(program, arguments));

    /// <summary>
    /// Starts a program many times, over the nodes that the spec asks for. Each process has <c>PEWTER_INDEX</c> and <c>PEWTER_COUNT</c> in
    /// its environment.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="spec">What, and where.</param>
    /// <param name="guarantee">Whether fewer will do.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<ProcessGroup> SpawnManyAsync(
        int count, SpawnSpec spec, SpawnGuarantee guarantee = SpawnGuarantee.AllOrNothing, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec = await PushAsync(spec, cancellation);
        var (id, ctl) = await Tree.CloneAsync("/proc", cancellation);
        var path = "/proc/" + id;
        try
        {
            await SessionLines.TellAsync(ctl, SessionLines.Before(spec, isGroup: true), cancellation);
            await ReserveAsync(ctl, spec, count, guarantee, cancellation);
            var group = new ProcessGroup(Tree, path, ctl, await MembersAsync(path, cancellation));
            await StartAsync(ctl, spec, guarantee, cancellation);
            return group;
        }
        catch
        {
            await ctl.DisposeAsync();
            throw;
        }
    }

    /// <summary>Finds a process by its id, <c>7</c> or <c>7/3</c>. ENOENT when there is none.</summary>
    public async ValueTask<Process> FindAsync(string id, CancellationToken cancellation = default)
    {
        var path = "/proc/" + id;
        await Tree.WalkAsync(path + "/ctl", cancellation);
        return new Process(Tree, path, null);
    }

    /// <summary>Finds a group by its id. ENOENT when there is none.</summary>
    public async ValueTask<ProcessGroup> FindGroupAsync(string id, CancellationToken cancellation = default) =>
        new(Tree, "/proc/" + id, null, await MembersAsync("/proc/" + id, cancellation));

    /// <summary>Gives a line to a ctl of the tree, in rc quoting; the first failure among its targets is thrown.</summary>
    public async ValueTask TellAsync(string ctl, string line, CancellationToken cancellation = default) =>
        await Tree.CommandAsync(ctl, RcQuoting.Split(line), cancellation);

    /// <summary>Waits until one of these is over, at most for so long; null when none is. Those known to be over come first.</summary>
    public static async ValueTask<Process?> WaitAnyAsync(
        IEnumerable<Process> processes, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var waits = processes.ToDictionary(process => (Task)process.WaitAsync(stop.Token).AsTask());
        var limit = Task.Delay(timeout ?? Timeout.InfiniteTimeSpan, stop.Token);
        var first = waits.Count == 0 ? limit : await Task.WhenAny(waits.Keys.Append(limit));
        await stop.CancelAsync();
        await Task.WhenAll(waits.Keys.Append(limit)).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        cancellation.ThrowIfCancellationRequested();
        if (!waits.TryGetValue(first, out var ended))
        {
            return null;
        }

        await first;
        return ended;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<SpawnSpec> PushAsync(SpawnSpec spec, CancellationToken cancellation) => spec.Files.Count == 0
        ? spec
        : spec with { Commands = ["files " + (await Files.PushAsync(spec.Files, cancellation)).Digest, .. spec.Commands] };

    private static async ValueTask ReserveAsync(
        TreeHandle ctl, SpawnSpec spec, int count, SpawnGuarantee guarantee, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await SessionLines.TellAsync(ctl, [SessionLines.Reserve(spec, count)], cancellation);
                return;
            }
            catch (FileException full) when (guarantee == SpawnGuarantee.BestEffort && count > 1 && full.Errno is Errno.ENOSPC or Errno.EDQUOT)
            {
                // Whoever has no room does not say for how many there would be.
                count -= Math.Max(1, count / 8);
            }
        }
    }

    private static async ValueTask StartAsync(TreeHandle ctl, SpawnSpec spec, SpawnGuarantee guarantee, CancellationToken cancellation)
    {
        try
        {
            await SessionLines.TellAsync(ctl, [SessionLines.Start(spec)], cancellation);
        }
        catch (FileException) when (guarantee == SpawnGuarantee.BestEffort)
        {
            // Each that could not be started says so in its exit.
        }
        catch (FileException)
        {
            await ctl.TryCommandAsync("kill", cancellation);
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<Process>> MembersAsync(string path, CancellationToken cancellation)
    {
        var members = new List<Process>();
        foreach (var line in (await Tree.ReadTextAsync(path + "/topology", cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            members.Add(new Process(Tree, $"{path}/{words[0]}", null, int.Parse(words[0], CultureInfo.InvariantCulture), words[1]));
        }

        return members;
    }
}
