using Pewter.Hosting;
using Pewter.Hosting.Ledger;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Sdk;
using Pewter.Tree;

namespace Pewter.Images.Blockd;

/// <summary>
/// The way to the disk server: starts it when it is first needed, finds again the one that an earlier life of this daemon started, starts it anew
/// when it has died, and speaks to its tree. Safe to use from any thread; disposing it lets go of the server, which serves on.
/// </summary>
/// <remarks>new → the first <see cref="EnsureAsync"/> or <see cref="AdoptAsync"/> → watched until disposed.</remarks>
internal sealed class BlockServer : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly ServiceContext _context;
    private readonly ImageLimits _limits;
    private readonly Func<string, ValueTask>? _atStep;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private BlockdProcess? _process;
    private PewterConnection? _connection;
    private Task _watching = Task.CompletedTask;

    public BlockServer(ServiceContext context, ImageServiceOptions options)
    {
        (_context, _limits, _atStep) = (context, options.Limits, options.AtStep);
        Place = new BlockdPlace(context, options);
    }

    public BlockdPlace Place { get; }

    /// <summary>The process's number while one is known.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>How often it had to be started because it was gone.</summary>
    public int Restarts { get; private set; }

    /// <summary>Finds a server that runs already, without starting one.</summary>
    public async ValueTask AdoptAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            await TryAdoptAsync(cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Returns when a server runs and answers.</summary>
    /// <exception cref="FileException">It cannot be started; the sentence has the last line of its log.</exception>
    public async ValueTask EnsureAsync(CancellationToken cancellation)
    {
        if (_process is { IsAlive: true } && _connection is not null)
        {
            return;
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            if (_process is { IsAlive: true } && _connection is not null)
            {
                return;
            }

            if (!await TryAdoptAsync(cancellation))
            {
                await StartAsync(cancellation);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Gives a command to a ctl of the server.</summary>
    /// <exception cref="FileException">What the server refused, or ENOLINK when it went away in the middle.</exception>
    public async ValueTask<CommandReply> CommandAsync(string ctl, IEnumerable<string> words, CancellationToken cancellation)
    {
        await (_atStep?.Invoke("before command") ?? default);
        await EnsureAsync(cancellation);
        var reply = (await AskAsync(client => client.CommandAsync(ctl, words, cancellation)))[0];
        await (_atStep?.Invoke("after command") ?? default);
        return reply;
    }

    /// <summary>Reads a file of the server.</summary>
    public async ValueTask<string> ReadAsync(string path, CancellationToken cancellation)
    {
        await EnsureAsync(cancellation);
        return await AskAsync(client => client.ReadTextAsync(path, cancellation));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _stop.Dispose();
        _gate.Dispose();
    }

    private async ValueTask<T> AskAsync<T>(Func<TreeClient, ValueTask<T>> ask)
    {
        try
        {
            return await ask(Client());
        }
        catch (IOException lost)
        {
            throw new FileException(Errno.ENOLINK, $"the disk server went away in the middle: {lost.Message} Try again.", lost);
        }
    }

    private TreeClient Client() => new(_connection!.Root, Caller.System);

    private async ValueTask<bool> TryAdoptAsync(CancellationToken cancellation)
    {
        if (await BlockdProcess.FindAsync(Place.Control, cancellation) is not { } found)
        {
            return false;
        }

        if (_process != found)
        {
            await _context.Ledger.RecordAsync(cancellation, [.. Resources(), found.Resource]);
            await ConnectAsync(cancellation);
            _process = found;
            _context.Log.Info("found the disk server", ("process", found.Id));
        }

        Watch();
        return true;
    }

    private IEnumerable<KernelResource> Resources()
    {
        if (Environment.IsPrivilegedProcess)
        {
            yield return new(KernelResourceKind.Cgroup, Place.Cgroup, "image");
        }

        yield return new(KernelResourceKind.File, Place.Control, "image");
        yield return new(KernelResourceKind.File, Place.NbdSocket, "image");
    }

    private async ValueTask StartAsync(CancellationToken cancellation)
    {
        if (_process is { } dead)
        {
            dead.Bury();
            await _context.Ledger.ForgetAsync(cancellation, dead.Resource);
            _process = null;
            Restarts++;
        }

        await _context.Ledger.RecordAsync(cancellation, Resources());
        var logged = File.Exists(Place.Log) ? new FileInfo(Place.Log).Length : 0;
        var process = await Task.Run(() => BlockdProcess.Start(Place), cancellation);
        await _context.Ledger.RecordAsync(cancellation, process.Resource);
        var started = _context.Time.GetTimestamp();
        try
        {
            await AnswerAsync(process, started, logged, cancellation);
            await ConnectAsync(cancellation);
        }
        catch (FileException)
        {
            process.Bury();
            await _context.Ledger.ForgetAsync(CancellationToken.None, process.Resource);
            throw;
        }

        // Not before it answers: whoever finds it alive takes it for ready.
        _process = process;
        Watch();
        _context.Log.Info(
            "started the disk server", ("process", process.Id), ("took", _context.Time.GetElapsedTime(started).TotalMilliseconds));
    }

    private async ValueTask AnswerAsync(BlockdProcess process, long started, long logged, CancellationToken cancellation)
    {
        while (await BlockdProcess.FindAsync(Place.Control, cancellation) is null)
        {
            if (!process.IsAlive)
            {
                throw new FileException(Errno.EIO, $"the disk server ended at once: {LastLine(logged)} Its log is {Place.Log}.");
            }

            if (_context.Time.GetElapsedTime(started) > _limits.StartPatience)
            {
                throw new FileException(Errno.ETIMEDOUT, $"the disk server (process {process.Id}) does not answer; see {Place.Log}.");
            }

            await Task.Delay(Look, _context.Time, cancellation);
        }
    }

    private async ValueTask ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }

        _connection = await PewterConnection.OpenAsync(new PewterEndpoint(EndpointKind.Unix, Place.Control), _context.Time, cancellation);
    }

    private string LastLine(long from)
    {
        using var stream = new FileStream(Place.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(from, stream.Length);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd().Split('\n')[^1];
    }

    // The caller holds the gate.
    private void Watch()
    {
        if (_watching.IsCompleted)
        {
            _watching = WatchAsync();
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_limits.WatchPeriod, _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (_process is { IsAlive: false } dead)
                {
                    dead.Bury();
                    _context.Log.Warn("the disk server is gone; starting it again", ("process", dead.Id));
                    await AgainAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon stops.
        }
    }

    private async ValueTask AgainAsync()
    {
        try
        {
            await EnsureAsync(_stop.Token);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            // The next tick tries again.
            _context.Log.Error("the disk server cannot be started", ("error", failure.Message));
        }
    }
}
