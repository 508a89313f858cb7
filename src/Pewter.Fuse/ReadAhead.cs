using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>A read that was begun before anybody asked for its bytes. Used by one <see cref="StreamPosition"/>.</summary>
internal sealed class ReadAhead
{
    private readonly byte[] _space;
    private readonly Task<int> _read;
    private int _taken;

    public ReadAhead(OpenFile open, ulong offset, byte[] space, CancellationToken ended)
    {
        _space = space;
        _read = open.TryRead(offset, space, out var count)
            ? Task.FromResult(count)
            : open.ReadAsync(offset, space, ended).AsTask();
    }

    public bool IsDone => _read.IsCompleted;

    /// <summary>Bytes that wait to be taken.</summary>
    public int Ready => _read.IsCompletedSuccessfully ? _read.Result - _taken : 0;

    /// <summary>Waits until it is done or patience is at an end. A failure is thrown by <see cref="Take"/>.</summary>
    public async Task WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(_read, Task.Delay(patience, time, lost.Token));
        await lost.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Takes what fits; 0 at the end of the file.</summary>
    public int Take(Span<byte> buffer)
    {
        var ready = _space.AsSpan(_taken, _read.GetAwaiter().GetResult() - _taken);
        var count = Math.Min(ready.Length, buffer.Length);
        ready[..count].CopyTo(buffer);
        _taken += count;
        return count;
    }

    /// <summary>Waits for the cancelled read to be over; what it still brought is lost with its open.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _read;
        }
        catch (OperationCanceledException)
        {
        }
        catch (FileException)
        {
        }
    }
}
