using Pewter.Hosting;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Messaging.Trunks;

/// <summary>
/// Keeps a trunk up to the hub of the parent, through the tree, where this daemon sees its parent's (<c>join.show</c>):
/// by the connection, the TLS and the rights that the
/// daemon has joined with. Owns one task.
/// </summary>
internal sealed class TrunkDialer(MailHub hub, ServiceContext context) : IAsyncDisposable
{
    private const string Path = "/parent/name/trunk";
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _dialling = Task.CompletedTask;

    internal void Start() => _dialling = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _dialling;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await TryAsync();
                await Task.Delay(Again, context.Time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TryAsync()
    {
        try
        {
            var handle = await context.Client().OpenAsync(Path, OpenFlags.ReadWrite, _stop.Token);
            var stream = new TrunkStream(
                async (buffer, stop) => await Guarded(handle.ReadAsync(buffer, stop)),
                async (data, stop) => await Guarded(Written(handle.WriteAsync(data, stop))), handle.DisposeAsync);
            await hub.TrunkAsync(stream, "parent", isUp: true, _stop.Token);
        }
        catch (FileException)
        {
            // There is no parent, or it is not shown, or it is away.
        }
    }

    private static async ValueTask<int> Written(ValueTask write)
    {
        await write;
        return 0;
    }

    private static async ValueTask<int> Guarded(ValueTask<int> work)
    {
        try
        {
            return await work;
        }
        catch (FileException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }
}
