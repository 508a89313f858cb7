using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Running;

/// <summary>Gives this program's standard input to a session, until it ends there or here. Owns its task; disposing ends it.</summary>
internal sealed class InputPump : IAsyncDisposable
{
    private const int PieceBytes = 64 << 10;

    private readonly CancellationTokenSource _stop;
    private readonly Task _pumping;

    public InputPump(CommandContext context, ProcessSession session, bool takesInput)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        _pumping = PumpAsync(takesInput ? context.Host.Input : Stream.Null, session, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pumping;
        _stop.Dispose();
    }

    private static async Task PumpAsync(Stream source, ProcessSession session, CancellationToken stop)
    {
        try
        {
            await using var input = await session.OpenInputAsync(stop);
            var buffer = new byte[PieceBytes];
            while (await source.ReadAsync(buffer, stop) is > 0 and var count)
            {
                await input.WriteAsync(buffer.AsMemory(0, count), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The session is over.
        }
        catch (FileException)
        {
            // It reads no more; how it ended is told by its exit.
        }
    }
}
