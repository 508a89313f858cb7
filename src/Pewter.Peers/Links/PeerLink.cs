using System.Collections.Concurrent;
using System.IO.Pipelines;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.Peers.Identity;

namespace Pewter.Peers.Links;

/// <summary>
/// One connection to a child, seen from the parent: a 9P client over what the child writes to and reads from its open of
/// <c>/peer/join</c>. It attaches
/// once for each caller. Owns the client; ends when the child is silent, closes, or is replaced.
/// </summary>
internal sealed class PeerLink(IDuplexPipe pipe, SignOfLife life, PeerOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Callers at once. Each is a fid of the child, which allows 16,384.</summary>
    private const int MaxCallers = 4096;

    private readonly ConcurrentDictionary<string, Task<NineFile>> _roots = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NineClient? _client;
    private string? _endReason;

    /// <summary>Whether the child has answered.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Ends when the link has; never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Runs the link to its end, and says why it ended.</summary>
    public async Task<string> RunAsync(Action<Beat> heard)
    {
        try
        {
            return await TalkAsync(heard);
        }
        finally
        {
            IsUp = false;
            pipe.Output.CancelPendingFlush();
            if (_client is { } client)
            {
                await client.DisposeAsync();
            }
            else
            {
                await pipe.Output.CompleteAsync();
                await pipe.Input.CompleteAsync();
            }

            _ended.TrySetResult();
        }
    }

    /// <summary>Ends the link; the first reason counts.</summary>
    public async Task EndAsync(string reason)
    {
        Interlocked.CompareExchange(ref _endReason, reason, null);
        try
        {
            await _end.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at the same moment.
        }

        await Ended;
    }

    /// <summary>The root of the child's tree for a caller.</summary>
    public async ValueTask<NineFile> RootAsync(Caller caller, CancellationToken cancellation)
    {
        var key = ForwardedCaller.KeyOf(caller);
        if (!_roots.ContainsKey(key) && _roots.Count >= MaxCallers)
        {
            throw new FileException(Errno.EMFILE, $"More than {MaxCallers} users use this peer; try again when it has been connected anew.");
        }

        var root = _roots.GetOrAdd(key, _ => AttachAsync(caller));
        try
        {
            return await root.WaitAsync(cancellation);
        }
        catch (FileException)
        {
            _roots.TryRemove(KeyValuePair.Create(key, root));
            throw;
        }
    }

    /// <summary>To be called when nobody can end it any more.</summary>
    public void Dispose() => _end.Dispose();

    private Task<NineFile> AttachAsync(Caller caller) => _client!.AttachAsync(caller.User, ForwardedCaller.AccessName(caller));

    private async Task<string> TalkAsync(Action<Beat> heard)
    {
        try
        {
            using var patience = new CancellationTokenSource(options.ConnectTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _end.Token);
            _client = await NineClient.ConnectAsync(pipe, new NineClientOptions(), time, either.Token);
            var root = await AttachAsync(Caller.System).WaitAsync(either.Token);

            // Not clunked: a dead child would not answer, and the fid goes with the connection.
            var beat = await root.OpenPathAsync("peer/beat", OpenFlags.ReadOnly, either.Token);
            var heartbeat = new Heartbeat(options, life, time);
            var first = await heartbeat.OnceAsync(beat, _end.Token);
            IsUp = true;
            heard(first);
            await heartbeat.RunAsync(beat, heard, _end.Token);
            return "ended";
        }
        catch (OperationCanceledException)
        {
            return _endReason ?? "it said hello and then nothing";
        }
        catch (FileException failure)
        {
            return _endReason ?? failure.Message;
        }
    }
}
