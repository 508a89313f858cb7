using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Pewter.Hosting.Logging;
using Pewter.Mail;

namespace Pewter.Messaging.Direct;

/// <summary>
/// Connects to the hubs of machines that processes here write to, as soon as one does, and again after it was cut. Until
/// then, and where there is no route, mail goes by the tree. Owns one task, and one for each connection.
/// </summary>
internal sealed class DirectDialer(MailHub hub, DirectKey key, Log log, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    // A route that comes back is used soon; one that never comes costs a packet now and then.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly Dictionary<ulong, Attempt> _attempts = [];
    private Task _dialling = Task.CompletedTask;

    internal void Start()
    {
        hub.DirectWanted = () => _wanted.Release();
        _dialling = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        hub.DirectWanted = null;
        await _stop.CancelAsync();
        await _dialling;
        await Task.WhenAll(_attempts.Values.Select(attempt => attempt.Task));
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                foreach (var place in hub.DirectMissing.Where(place => place.Endpoints.Count > 0))
                {
                    Try(place);
                }

                using var pause = new CancellationTokenSource(FirstPause, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, _stop.Token);
                await _wanted.WaitAsync(either.Token).ContinueWith(
                    _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                _stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Try(MailHubPlace place)
    {
        var last = _attempts.GetValueOrDefault(place.Node);
        if (last is not null && (!last.Task.IsCompleted || time.GetElapsedTime(last.Ended) < last.Pause))
        {
            return;
        }

        var pause = last is null || last.Worked || last.Key != place.Key ? FirstPause : last.Pause * 2;
        var attempt = new Attempt(place.Key, pause < LongestPause ? pause : LongestPause);
        attempt.Task = DialAsync(place, attempt);
        _attempts[place.Node] = attempt;
    }

    private async Task DialAsync(MailHubPlace place, Attempt attempt)
    {
        foreach (var endpoint in place.Endpoints)
        {
            try
            {
                await using var stream = await ConnectAsync(IPEndPoint.Parse(endpoint), place);
                attempt.Worked = true;
                log.Debug("mail goes directly", ("to", place.Name), ("by", endpoint));
                await hub.DirectAsync(stream, place, isDialler: true, _stop.Token);
                break;
            }
            catch (Exception away) when (away is SocketException or IOException or AuthenticationException or OperationCanceledException
                or FormatException or ObjectDisposedException)
            {
                log.Debug("no direct way", ("to", place.Name), ("by", endpoint), ("error", away.Message));
            }
        }

        attempt.Ended = time.GetTimestamp();
    }

    private async Task<SslStream> ConnectAsync(IPEndPoint endpoint, MailHubPlace place)
    {
        using var patience = new CancellationTokenSource(ConnectTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stop.Token);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, either.Token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(key.Dialling(place.Key), either.Token);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private sealed class Attempt(string key, TimeSpan pause)
    {
        internal string Key => key;

        internal TimeSpan Pause => pause;

        internal Task Task { get; set; } = Task.CompletedTask;

        internal long Ended { get; set; }

        internal bool Worked { get; set; }
    }
}
