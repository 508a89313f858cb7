using System.Buffers;
using Pewter.Linux;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>
/// Feeds sessions from other files. The receiving side pulls, so bytes go from node to node without passing the controller, and a program
/// that does not read holds the other back. Either end's death ends the splice, and the session says how. Owns its tasks.
/// </summary>
internal sealed class SpliceRunner(Func<Caller, TreeClient> local, Action<NodeProcess, string> told) : IAsyncDisposable
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

        target.Input.Opened();
        target.Splice = $"from {path}";
        Track(RunAsync(target, path, from, caller));
    }

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

    private void Track(Task task)
    {
        lock (_lock)
        {
            _running.RemoveWhere(other => other.IsCompleted);
            _running.Add(task);
        }
    }

    private async Task RunAsync(NodeProcess target, string path, int from, Caller caller)
    {
        var moved = 0L;
        string outcome;
        try
        {
            moved = await PumpAsync(target, path, from, caller);
            outcome = $"done: {moved} bytes from {path}";
        }
        catch (FileException failure)
        {
            outcome = $"failed: {failure.Message}";
        }
        catch (LinuxException failure)
        {
            outcome = $"failed: {failure.Message}";
        }
        catch (IOException failure)
        {
            outcome = $"failed: the connection to {path} broke: {failure.Message}";
        }
        catch (OperationCanceledException)
        {
            outcome = $"stopped: {path}";
        }

        target.Splice = outcome;
        told(target, outcome);
        await target.Input.ClosedAsync();
    }

    private static async Task<int> WriteAsync(NodeProcess target, ReadOnlyMemory<byte> piece, CancellationToken cancellation)
    {
        if (piece.Length > 0)
        {
            await target.Input.WriteAsync(piece, cancellation);
        }

        return piece.Length;
    }

    private async Task<long> PumpAsync(NodeProcess target, string path, int from, Caller caller)
    {
        // The end of the program that is fed ends the wait for a source that has nothing to say.
        target.Session.Stdin?.Widen();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        await using var source = await SpliceSource.OpenAsync(local(caller), path, from, over.Token);
        var ended = target.Session.Exit.ContinueWith(_ => over.Cancel(), over.Token, TaskContinuationOptions.None, TaskScheduler.Default);
        var buffers = (Read: ArrayPool<byte>.Shared.Rent(PieceSize), Write: ArrayPool<byte>.Shared.Rent(PieceSize));
        var writing = Task.FromResult(0);
        var moved = 0L;
        try
        {
            // While one piece is being written the next is on its way.
            for (var count = 1; count > 0;)
            {
                count = await source.ReadAsync(buffers.Read.AsMemory(0, PieceSize), over.Token);
                moved += await writing;
                buffers = (buffers.Write, buffers.Read);
                writing = WriteAsync(target, buffers.Write.AsMemory(0, count), over.Token);
            }

            return moved + await writing;
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
