using Pewter.Linux;
using Pewter.Linux.Pipes;
using Pewter.Linux.Polling;
using Pewter.Node.Splices;

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
    private SpliceGiver? _borrower;

    internal OutputPump(EventLoop loop, OutputLog log, int descriptor, Action ended)
    {
        _loop = loop;
        _log = log;
        _descriptor = descriptor;
        _ended = ended;
        log.Relieved = () => loop.Post(Continue);
    }

    /// <summary>Where it puts what it reads.</summary>
    internal OutputLog Log => _log;

    /// <summary>Whether every holder of the writing end is gone.</summary>
    internal bool IsClosed => _closed;

    internal void Start() => _loop.Add(_descriptor, EpollEvents.Input, this, out _tag);

    public void OnReady(EpollEvents events)
    {
        if (_closed || _paused || _borrower is not null)
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

    /// <summary>Whether it was closed while others still held the other end.</summary>
    internal bool WasCut { get; private set; }

    /// <summary>
    /// Stops reading and lends the pipe to a splice, until <see cref="EndLoan"/> or <see cref="TakeBack"/>. Null when it is closed, or lent
    /// already.
    /// </summary>
    internal int? Lend(SpliceGiver borrower)
    {
        if (_closed || _borrower is not null)
        {
            return null;
        }

        _borrower = borrower;
        if (!_paused)
        {
            _loop.Pause(_descriptor);
        }

        return _descriptor;
    }

    /// <summary>The splice has read to the end.</summary>
    internal void EndLoan()
    {
        _borrower = null;
        Close();
    }

    /// <summary>The splice has ended before the program: what it prints now goes to the log again.</summary>
    internal void TakeBack()
    {
        _borrower = null;
        if (!_closed)
        {
            _paused = false;
            _loop.Resume(_descriptor, EpollEvents.Input, _tag);
        }
    }

    /// <summary>
    /// Takes what is in the pipe now, then stops for good, whoever still holds the other end. What is in a pipe that is lent is the
    /// borrower's. On the loop's thread.
    /// </summary>
    internal void Cut()
    {
        if (_borrower is { } borrower)
        {
            borrower.Cut();
            WasCut = !_closed && AnonymousPipe.Available(_descriptor) == 0;
            EndLoan();
            return;
        }

        _log.TakeTheRest();
        for (var count = 1; !_closed && count > 0;)
        {
            count = Descriptors.Read(_descriptor, _loop.Buffer.AsSpan(0, Math.Min(_loop.Buffer.Length, _log.LargestAppend)));
            if (count > 0)
            {
                _log.Append(_loop.Buffer.AsSpan(0, count));
            }

            WasCut |= count == -LinuxErrno.EAGAIN;
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
        if (_paused && !_closed && _borrower is null && _log.MayAppend())
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
