using Pewter.Linux;
using Pewter.Linux.Pipes;
using Pewter.Linux.Polling;

namespace Pewter.Node.Processes;

/// <summary>Moves what a program prints from its pipe or terminal into a log, and stops reading while the log is full.</summary>
internal sealed class OutputPump : ILoopHandler
{
    private const int DefaultPipe = 64 * 1024;

    private readonly EventLoop _loop;
    private readonly OutputLog _log;
    private readonly int _descriptor;
    private readonly Action _ended;
    private ulong _tag;
    private bool _widened;
    private bool _paused;
    private bool _closed;

    internal OutputPump(EventLoop loop, OutputLog log, int descriptor, Action ended)
    {
        _loop = loop;
        _log = log;
        _descriptor = descriptor;
        _ended = ended;
        Descriptors.SetNonBlocking(descriptor);
        log.Relieved = () => loop.Post(Continue);
    }

    /// <summary>Whether every holder of the writing end is gone.</summary>
    internal bool IsClosed => _closed;

    internal void Start() => _tag = _loop.Add(_descriptor, EpollEvents.Input, this);

    public void OnReady(EpollEvents events)
    {
        if (_closed || _paused)
        {
            return;
        }

        if (!_log.MayAppend())
        {
            _paused = true;
            _loop.Pause(_descriptor);
            return;
        }

        var count = Descriptors.Read(_descriptor, _loop.Buffer.AsSpan(0, Math.Min(_loop.Buffer.Length, _log.LargestAppend)));
        if (count > 0)
        {
            _log.Append(_loop.Buffer.AsSpan(0, count));
            Widen(count);
        }
        else if (count is not (-LinuxErrno.EAGAIN or -LinuxErrno.EINTR))
        {
            // 0 is the end of a pipe; a terminal whose last program has gone answers EIO.
            Close();
        }
    }

    /// <summary>Takes what is in the pipe now, then stops for good, whoever still holds the other end. On the loop's thread.</summary>
    internal void Cut()
    {
        while (!_closed)
        {
            var count = Descriptors.Read(_descriptor, _loop.Buffer.AsSpan(0, Math.Min(_loop.Buffer.Length, _log.LargestAppend)));
            if (count <= 0 || !_log.MayAppend())
            {
                break;
            }

            _log.Append(_loop.Buffer.AsSpan(0, count));
        }

        Close();
    }

    // A program that has filled its pipe has more to say: with a larger one it and the loop take turns less often.
    private void Widen(int count)
    {
        if (!_widened && count >= DefaultPipe)
        {
            _widened = true;
            AnonymousPipe.TrySetCapacity(_descriptor, AnonymousPipe.LargeCapacity);
        }
    }

    private void Continue()
    {
        if (_paused && !_closed && _log.MayAppend())
        {
            _paused = false;
            _loop.Resume(_descriptor, EpollEvents.Input, _tag);
        }
    }

    private void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _loop.Remove(_descriptor, _tag);
        Descriptors.Close(_descriptor);
        _log.Complete();
        _ended();
    }
}
