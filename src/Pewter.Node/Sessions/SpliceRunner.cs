using System.Buffers;
using System.Globalization;
using Pewter.Linux;
using Pewter.Linux.Sockets;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.Processes;
using Pewter.Node.Splices;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>
/// Feeds sessions. From another session under this kernel, here or of another agent, the program's own pipe is taken over and the bytes stay in
/// the kernel: see <see cref="SpliceTaker"/>. From any other file they are read and written here. Either end's death ends the splice, and the
/// session says how. Owns its tasks.
/// </summary>
internal sealed class SpliceRunner(
    Func<Caller, TreeClient> local, Func<long, ProcessSession?> find, Action<NodeProcess, string> told) : IAsyncDisposable
{
    // Large enough that a round trip a piece costs little beside the copy.
    private const int PieceSize = 512 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Begins a splice. It runs until the source ends.</summary>
    internal void Start(NodeProcess target, string path, int from, int to, Caller caller)
    {
        if (to != 0)
        {
            throw new FileException(Errno.EINVAL, "splice: only descriptor 0 of a session can be fed.");
        }

        Track(target, target.Session.Splices.Open("in", path), edge => FeedAsync(target, edge, path, from, caller));
    }

    /// <summary>Begins a splice whose source has the other end of the channel already.</summary>
    internal void Take(NodeProcess target, int socket, (string Name, string Way) from) =>
        Track(target, target.Session.Splices.Open("in", from.Name, from.Way), edge => TakeAsync(target, edge, socket));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_lock)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _stop.Dispose();
    }

    private void Track(NodeProcess target, SpliceEdge edge, Func<SpliceEdge, Task> feed)
    {
        target.Input.Opened();
        var task = RunAsync(target, edge, feed);
        lock (_lock)
        {
            _running.RemoveWhere(other => other.IsCompleted);
            _running.Add(task);
        }
    }

    private async Task RunAsync(NodeProcess target, SpliceEdge edge, Func<SpliceEdge, Task> feed)
    {
        try
        {
            await feed(edge);
            edge.Finish();
        }
        catch (Exception failure) when (failure is FileException or LinuxException)
        {
            edge.Finish(failure.Message);
        }
        catch (IOException failure)
        {
            edge.Finish($"the connection to {edge.Peer} broke: {failure.Message}");
        }
        catch (OperationCanceledException)
        {
            edge.Finish("the agent ended");
        }

        told(target, edge.Describe());
        await target.Input.ClosedAsync();
    }

    private async Task FeedAsync(NodeProcess target, SpliceEdge edge, string path, int from, Caller caller)
    {
        // Taken over at once, so that the source is held back, and does not overrun its ring, until the target runs.
        var socket = await BorrowAsync(target, path, from, caller);
        if (socket is { } channel)
        {
            await TakeAsync(target, edge, channel);
            return;
        }

        edge.Way = SpliceEdge.Copied;
        await target.Started.WaitAsync(_stop.Token);
        await PumpAsync(target, edge, path, from, caller);
    }

    private async Task TakeAsync(NodeProcess target, SpliceEdge edge, int socket)
    {
        SpliceTaker taker;
        try
        {
            await target.Started.WaitAsync(_stop.Token);
            taker = target.Session.Take(socket, edge, late => told(target, late.Describe()));
        }
        catch (Exception failure)
        {
            SpliceChannel.Refuse(socket, failure is FileException or LinuxException ? failure.Message : "the agent ended");
            throw;
        }

        taker.Start();
        await taker.Over.WaitAsync(_stop.Token);
    }

    /// <summary>One end of a channel whose other end a session gives its output to; null when the path is no session's output.</summary>
    private async ValueTask<int?> BorrowAsync(NodeProcess target, string path, int from, Caller caller)
    {
        var parts = path.Split('!');
        var file = SpliceSource.StreamPath(parts[^1], from);
        if (parts is not ([_] or ["unix", _, _]) || !TryParse(file, out var session, out var stream))
        {
            return null;
        }

        var me = string.Create(CultureInfo.InvariantCulture, $"/proc/{target.Session.Id}");
        if (parts.Length == 1)
        {
            // Who may read the output may take it.
            await (await local(caller).OpenAsync(file, OpenFlags.ReadOnly, _stop.Token)).DisposeAsync();
        }

        var (mine, theirs) = SocketPair.CreateSequenced();
        var isGiven = false;
        try
        {
            if (parts.Length == 1)
            {
                var source = find(session) ?? throw new FileException(Errno.ENOENT, $"There is no session {session} here.");
                source.Splices.Give(stream, theirs, (me, SpliceEdge.Direct));
                theirs = -1;
            }
            else
            {
                var whom = $"{Environment.MachineName}:{me}";
                var line = string.Create(CultureInfo.InvariantCulture, $"{SpliceDoor.Greeting}give {session} {stream} {whom}");
                var answer = await Task.Run(() => DescriptorCall.Ask(parts[1], line, theirs), _stop.Token);
                if (answer != "ok")
                {
                    throw new FileException(Errno.ECONNREFUSED, $"splice: {answer}");
                }
            }

            isGiven = true;
            return mine;
        }
        finally
        {
            if (theirs >= 0)
            {
                Descriptors.Close(theirs);
            }

            if (!isGiven)
            {
                Descriptors.Close(mine);
            }
        }
    }

    private static bool TryParse(string file, out long session, out int stream)
    {
        session = 0;
        stream = file.EndsWith("/stderr", StringComparison.Ordinal) ? 2 : 1;
        return file.Split('/') is ["", "proc", var id, "stdout" or "stderr"] && long.TryParse(id, CultureInfo.InvariantCulture, out session);
    }

    private static async Task<int> WriteAsync(NodeProcess target, ReadOnlyMemory<byte> piece, CancellationToken cancellation)
    {
        if (piece.Length > 0)
        {
            await target.Input.WriteAsync(piece, cancellation);
        }

        return piece.Length;
    }

    private async Task PumpAsync(NodeProcess target, SpliceEdge edge, string path, int from, Caller caller)
    {
        // The end of the program that is fed ends the wait for a source that has nothing to say.
        target.Session.Stdin?.Widen();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await using var source = await SpliceSource.OpenAsync(local(caller), path, from, over.Token);
        var ended = target.Session.Exit.ContinueWith(_ => over.Cancel(), over.Token, TaskContinuationOptions.None, TaskScheduler.Default);
        var buffers = (Read: ArrayPool<byte>.Shared.Rent(PieceSize), Write: ArrayPool<byte>.Shared.Rent(PieceSize));
        var writing = Task.FromResult(0);
        try
        {
            // While one piece is being written the next is on its way.
            for (var count = 1; count > 0;)
            {
                count = await source.ReadAsync(buffers.Read.AsMemory(0, PieceSize), over.Token);
                edge.Bytes += await writing;
                buffers = (buffers.Write, buffers.Read);
                writing = WriteAsync(target, buffers.Write.AsMemory(0, count), over.Token);
            }

            edge.Bytes += await writing;
        }
        catch (OperationCanceledException) when (target.Session.State != ProcessState.Running && !_stop.IsCancellationRequested)
        {
            throw new FileException(Errno.EPIPE, "the program that was fed has ended");
        }
        finally
        {
            await over.CancelAsync();
            await writing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            ArrayPool<byte>.Shared.Return(buffers.Read);
            ArrayPool<byte>.Shared.Return(buffers.Write);
            await ended.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
