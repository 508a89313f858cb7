using Pewter.Bmc;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>
/// A machine's serial line over its controller, as a file: reads follow what the machine says from when the first viewer came, writes are typed.
/// The controller serves one session, which all viewers share; it ends with the last of them, and when the node is released.
/// </summary>
internal sealed class MetalConsole(MetalInventory inventory, string node, TimeProvider time) : TreeFile(QidType.File, UnixMode.Octal(660))
{
    private const int Kept = 64 << 10;

    private readonly WorkQueue _turns = new();
    private Session? _session;
    private int _viewers;

    /// <summary>Closes the session, so that nobody is at the console of a machine that is somebody else's.</summary>
    public Task EndAsync() => _turns.RunAsync(EndCoreAsync);

    protected override async ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        Viewer? viewer = null;
        await _turns.RunAsync(async () =>
        {
            if (_session is not { IsLive: true })
            {
                await EndCoreAsync();
                _session = await BeginAsync(cancellation);
            }

            _viewers++;
            viewer = new Viewer(this, _session, flags);
        });
        return viewer!;
    }

    private async ValueTask<Session> BeginAsync(CancellationToken cancellation)
    {
        var machine = inventory.Of(node)?.Record ?? throw new FileException(Errno.ENOLINK, $"{node} has no machine any more.");
        var address = BmcAddress.TryParse(machine.Bmc, out var wrong) ?? throw new FileException(Errno.EINVAL, wrong);
        try
        {
            await using var bmc = BmcConnector.Open(address, inventory.Secrets.For(machine), time, inventory.Limits.Controller);
            return new Session(await bmc.OpenConsoleAsync(cancellation));
        }
        catch (BmcException failure)
        {
            throw MetalFailure.From(failure);
        }
    }

    private Task LeaveAsync(Session session) => _turns.RunAsync(
        () => session == _session && --_viewers == 0 ? EndCoreAsync() : Task.CompletedTask);

    private async Task EndCoreAsync()
    {
        if (_session is { } session)
        {
            (_session, _viewers) = (null, 0);
            await session.DisposeAsync();
        }
    }

    /// <summary>The line to the controller, and what it said lately. Owns both.</summary>
    private sealed class Session : IAsyncDisposable
    {
        private readonly Stream _line;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _reading;

        public Session(Stream line)
        {
            _line = line;
            _reading = ReadAsync();
        }

        public ByteStream Said { get; } = new(new ByteStreamOptions { Capacity = Kept, WhenFull = WhenFull.DropOldest });

        public bool IsLive => !_reading.IsCompleted;

        public async ValueTask TypeAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (!IsLive)
            {
                throw new FileException(Errno.ENOLINK, "The console has ended; open it again.");
            }

            await _line.WriteAsync(data, cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _reading;
            await _line.DisposeAsync();
            _stop.Dispose();
        }

        private async Task ReadAsync()
        {
            var buffer = new byte[4096];
            try
            {
                while (await _line.ReadAsync(buffer, _stop.Token) is > 0 and var count)
                {
                    Said.TryWrite(buffer.AsSpan(0, count));
                }
            }
            catch (Exception end) when (end is BmcException or OperationCanceledException)
            {
                // The controller ended it, or we do.
            }

            Said.Complete();
        }
    }

    private sealed class Viewer(MetalConsole console, Session session, OpenFlags flags) : TreeOpen(console)
    {
        private readonly ByteCursor? _cursor = flags.CanRead() ? session.Said.Attach() : null;

        public override ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation) =>
            _cursor?.ReadAsync(buffer, cancellation) ?? new(0);

        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            if (!flags.CanWrite())
            {
                return await base.WriteAsync(offset, data, cancellation);
            }

            await session.TypeAsync(data, cancellation);
            return data.Length;
        }

        protected override ValueTask CloseAsync()
        {
            _cursor?.Dispose();
            return new(console.LeaveAsync(session));
        }
    }
}
