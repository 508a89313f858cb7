using Pewter.Linux;
using Pewter.Linux.Pipes;
using Pewter.Linux.Polling;
using Pewter.Linux.Ptys;

namespace Pewter.Node.Processes;

/// <summary>
/// The writing end of a program's stdin. Writers queue; a write returns when the pipe has taken all of it, so a program that does not
/// read holds its writers back. May be called from any thread.
/// </summary>
public sealed class InputPipe : ILoopHandler, IDisposable
{
    private const byte EndOfTransmission = 4;

    private readonly EventLoop _loop;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Lock _lock = new();
    private int _descriptor;
    private ulong _tag;
    private TaskCompletionSource? _writable;

    internal InputPipe(EventLoop loop, int descriptor, bool isTerminal)
    {
        _loop = loop;
        _descriptor = descriptor;
        IsTerminal = isTerminal;
        Descriptors.SetNonBlocking(descriptor);
    }

    /// <summary>Whether the program has been told the end, or is gone.</summary>
    public bool IsClosed => Volatile.Read(ref _descriptor) < 0;

    /// <summary>Raised when the pipe closes, on any thread; must be short.</summary>
    internal event Action? Closed;

    /// <summary>Whether it is a terminal.</summary>
    public bool IsTerminal { get; }

    /// <summary>Another descriptor of the pipe, the caller's to close. The program sees the end when both are closed.</summary>
    internal int Duplicate()
    {
        lock (_lock)
        {
            return _descriptor >= 0 ? Descriptors.Duplicate(_descriptor) : throw new LinuxException(LinuxErrno.EPIPE, "feed the program's input");
        }
    }

    /// <summary>Makes room for large pieces: for an input that is fed by another program.</summary>
    /// <param name="bytes">How large.</param>
    public void Widen(int bytes = AnonymousPipe.LargeCapacity)
    {
        lock (_lock)
        {
            if (_descriptor >= 0 && !IsTerminal)
            {
                AnonymousPipe.TrySetCapacity(_descriptor, bytes);
            }
        }
    }

    /// <summary>Tells the program the size of its terminal.</summary>
    public void Resize(ushort rows, ushort columns)
    {
        lock (_lock)
        {
            if (_descriptor >= 0)
            {
                PseudoTerminal.Resize(_descriptor, rows, columns);
            }
        }
    }

    /// <summary>Writes all of it. After a cancellation returns what was taken, or throws if that is nothing.</summary>
    /// <exception cref="LinuxException">EPIPE: the program no longer reads.</exception>
    public async ValueTask<int> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        var written = 0;
        try
        {
            while (written < data.Length)
            {
                var count = TryWrite(data.Span[written..], out var writable);
                written += Math.Max(count, 0);
                if (count == -LinuxErrno.EAGAIN)
                {
                    await writable!.WaitAsync(cancellation);
                }
                else if (count < 0 && count != -LinuxErrno.EINTR)
                {
                    throw new LinuxException(-count, "write to the program's input");
                }
            }

            return written;
        }
        catch (OperationCanceledException) when (written > 0)
        {
            return written;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Tells the program the end, after the writes that have begun.</summary>
    public async ValueTask CloseAsync(CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (IsTerminal && !IsClosed)
            {
                // A terminal says the end by a character; its descriptor is also the way out of the output.
                _ = Descriptors.Write(_descriptor, [EndOfTransmission]);
            }

            Dispose();
        }
        finally
        {
            _writing.Release();
        }
    }

    void ILoopHandler.OnReady(EpollEvents events) => Wake();

    /// <summary>Closes the descriptor at once; waiting writers fail with EPIPE.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_descriptor < 0)
            {
                return;
            }

            Forget();
            Descriptors.Close(_descriptor);
            _descriptor = -1;
        }

        Wake();
        Closed?.Invoke();
    }

    private int TryWrite(ReadOnlySpan<byte> data, out Task? writable)
    {
        lock (_lock)
        {
            writable = null;
            if (_descriptor < 0)
            {
                return -LinuxErrno.EPIPE;
            }

            var count = Descriptors.Write(_descriptor, data);
            if (count == -LinuxErrno.EAGAIN)
            {
                Forget();
                _writable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                writable = _writable.Task;
                _loop.Add(_descriptor, EpollEvents.Output | EpollEvents.OneShot, this, out _tag);
            }

            return count;
        }
    }

    private void Forget()
    {
        if (_tag != 0)
        {
            _loop.Remove(_descriptor, _tag);
            _tag = 0;
        }
    }

    private void Wake()
    {
        TaskCompletionSource? writable;
        lock (_lock)
        {
            writable = _writable;
            _writable = null;
        }

        writable?.TrySetResult();
    }
}
