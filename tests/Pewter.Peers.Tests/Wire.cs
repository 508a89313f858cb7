using System.IO.Pipelines;
using Pewter.NineP.Transport;

namespace Pewter.Peers.Tests;

/// <summary>
/// A cable between two ends in memory. Cut, it swallows nothing and passes nothing on, as a network does; broken, both ends see the
/// end.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly MemoryTransport _oneInside;
    private readonly MemoryTransport _otherInside;
    private readonly CancellationTokenSource _broken = new();
    private readonly Task _pumps;
    private TaskCompletionSource _open = Opened();

    public Wire()
    {
        (One, _oneInside) = MemoryTransport.CreatePair();
        (_otherInside, Other) = MemoryTransport.CreatePair();
        _pumps = Task.WhenAll(PumpAsync(_oneInside.Input, _otherInside.Output), PumpAsync(_otherInside.Input, _oneInside.Output));
    }

    public MemoryTransport One { get; }

    public MemoryTransport Other { get; }

    public void Cut() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Heal() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _broken.CancelAsync();
        await _pumps;
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task PumpAsync(PipeReader from, PipeWriter to)
    {
        try
        {
            while (true)
            {
                var result = await from.ReadAsync(_broken.Token);
                await _open.Task.WaitAsync(_broken.Token);
                foreach (var piece in result.Buffer)
                {
                    await to.WriteAsync(piece, _broken.Token);
                }

                from.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Broken.
        }

        await from.CompleteAsync();
        await to.CompleteAsync();
    }
}
