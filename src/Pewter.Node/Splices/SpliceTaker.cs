using System.Text;
using Pewter.Linux;
using Pewter.Linux.Pipes;
using Pewter.Linux.Polling;
using Pewter.Node.Processes;

namespace Pewter.Node.Splices;

/// <summary>
/// The target's end of a splice: moves pages from the pipes it is given into the program's input inside the kernel (splice(2)), without looking
/// at them. A program that does not read fills its pipe, then the source's, and so holds the source back: two pipes are all the memory there
/// is. Lives on the loop's thread.
/// </summary>
internal sealed class SpliceTaker : ILoopHandler
{
    // A ready source is left after so many pieces, so that one fast splice does not keep the other processes of the agent waiting.
    private const int PiecesInTurn = 8;

    // Large enough that the ends take turns seldom, small enough that the pages are still in the processor's cache when they are read.
    internal const int PipeBytes = 512 * 1024;

    private static readonly TimeSpan CountInterval = TimeSpan.FromMilliseconds(250);

    private readonly EventLoop _loop;
    private readonly InputPipe _input;
    private readonly int _target;
    private readonly SpliceChannel _channel;
    private readonly SpliceEdge _edge;
    private readonly Queue<int> _sources = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TargetWatch _watch;
    private readonly Action<SpliceEdge> _told;
    private int _source = -1;
    private ulong _sourceTag;
    private bool _isEnded;
    private bool _isCut;
    private bool _isPaused;
    private bool _isCounting;

    // What the source's end said of its program's end, before all that it had printed was taken.
    private string _verdict = "";
    private bool _isWhole;

    /// <summary>One that has not begun.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="input">The program's input.</param>
    /// <param name="socket">One end of the channel, which it then owns.</param>
    /// <param name="edge">What is shown of it.</param>
    /// <param name="told">Told of an error that comes after the end.</param>
    internal SpliceTaker(EventLoop loop, InputPipe input, int socket, SpliceEdge edge, Action<SpliceEdge> told)
    {
        (_loop, _input, _edge, _told) = (loop, input, edge, told);
        _target = input.Duplicate();
        _watch = new TargetWatch(this);
        _channel = new SpliceChannel(loop, socket, Received, OnSourceGone);
        input.Widen(PipeBytes);
        input.Closed += OnInputClosed;
    }

    /// <summary>Ends when the splice has; the edge tells how.</summary>
    internal Task Over => _over.Task;

    /// <summary>Whether the source's end has said its last word too.</summary>
    internal bool IsClosed => _channel.IsClosed && _over.Task.IsCompleted;

    internal void Start() => _loop.Post(() =>
    {
        _loop.Add(_target, EpollEvents.None, _watch, out _watch.Tag);
        _channel.Start();
        if (_input.IsClosed)
        {
            Fail(TargetEnded);
        }
    });

    /// <summary>Ends it at once.</summary>
    internal void Stop(string why) => _loop.Post(() => Fail(why));

    void ILoopHandler.OnReady(EpollEvents events) => Move();

    internal const string TargetEnded = "the program that was fed has ended, or closed its input";

    private void OnInputClosed() => _loop.Post(() => Fail(TargetEnded));

    private void Received(char letter, int descriptor, ReadOnlySpan<byte> rest)
    {
        switch (letter)
        {
            case SpliceChannel.Held or SpliceChannel.Live when descriptor >= 0:
                _sources.Enqueue(descriptor);
                break;
            case SpliceChannel.End:
                _isEnded = true;
                break;
            case SpliceChannel.Cut:
                _isCut = true;
                break;
            case SpliceChannel.Whole:
                _isWhole = true;
                break;
            case SpliceChannel.Broken:
                _verdict = Encoding.UTF8.GetString(rest);
                Judge();
                break;
        }

        Move();
    }

    // With the node its programs die too, and their pipe may be seen to end before the channel is: then all seemed to be well.
    private void OnSourceGone()
    {
        _verdict = _verdict.Length > 0 || _isWhole ? _verdict : "the source's node is gone";
        Judge();
        Fail(_verdict.Length > 0 ? _verdict : "the source's node is gone");
    }

    private void Judge()
    {
        if (_over.Task.IsCompleted && _verdict.Length > 0 && _edge.State == SpliceEdge.Done)
        {
            _edge.Finish(_verdict);
            _told(_edge);
        }
    }

    private void Move()
    {
        var yielded = false;
        for (var turn = 0; !_over.Task.IsCompleted && !_isPaused && turn < PiecesInTurn; turn++)
        {
            if (_source < 0 && !NextSource())
            {
                return;
            }

            var moved = Splice.Transfer(_source, _target, PipeBytes, wait: false);
            if (moved > 0)
            {
                _edge.Bytes += moved;
                CountLater();
                yielded = false;
            }
            else if (moved == -LinuxErrno.EAGAIN && !yielded && turn > 0)
            {
                // Bytes are flowing: whoever is to write or to read next is given the processor before anybody goes to sleep.
                yielded = true;
                Thread.Yield();
            }
            else if (moved == 0)
            {
                EndSource();
            }
            else if (!Wait(moved))
            {
                return;
            }
        }

        // The turn may be over just when a source was: the next one is watched, or nothing would ever come back to it.
        if (_source < 0 && !_over.Task.IsCompleted)
        {
            NextSource();
        }
    }

    /// <summary>Nothing could be moved now. False to leave it at that until something is ready.</summary>
    private bool Wait(int errno)
    {
        switch (errno)
        {
            case -LinuxErrno.EAGAIN when AnonymousPipe.Available(_source) > 0:
                _isPaused = true;
                _loop.Pause(_source);
                _loop.Change(_target, EpollEvents.Output | EpollEvents.OneShot, _watch.Tag);
                return false;
            case -LinuxErrno.EAGAIN when _isCut:
                EndSource();
                return true;
            case -LinuxErrno.EAGAIN:
                return false;
            case -LinuxErrno.EINTR:
                return true;
            case -LinuxErrno.EPIPE:
                Fail(TargetEnded);
                return false;
            default:
                Fail(new LinuxException(-errno, "splice").Message);
                return false;
        }
    }

    private void TargetReady(EpollEvents events)
    {
        if ((events & (EpollEvents.Error | EpollEvents.HangUp)) != 0)
        {
            Fail(TargetEnded);
        }
        else if (_isPaused)
        {
            _isPaused = false;
            _loop.Resume(_source, EpollEvents.Input, _sourceTag);
            Move();
        }
    }

    private bool NextSource()
    {
        if (_sources.TryDequeue(out _source))
        {
            _loop.Add(_source, EpollEvents.Input, this, out _sourceTag);
            return true;
        }

        _source = -1;
        if (_isEnded && !_over.Task.IsCompleted)
        {
            _channel.Send(SpliceChannel.Done, _edge.Bytes);
            Close(_verdict);
        }

        return false;
    }

    private void EndSource()
    {
        _loop.Remove(_source, _sourceTag);
        Descriptors.Close(_source);
        _source = -1;
    }

    private void CountLater()
    {
        if (!_isCounting)
        {
            _isCounting = true;
            _loop.After(CountInterval, () =>
            {
                _isCounting = false;
                if (!_over.Task.IsCompleted)
                {
                    _channel.Send(SpliceChannel.Count, _edge.Bytes);
                }
            });
        }
    }

    private void Fail(string error)
    {
        if (!_over.Task.IsCompleted)
        {
            _channel.Send(SpliceChannel.Broken, error);
            Close(error);
            _channel.Close();
        }
    }

    private void Close(string error)
    {
        _input.Closed -= OnInputClosed;
        _loop.Remove(_target, _watch.Tag);
        Descriptors.Close(_target);
        if (_source >= 0)
        {
            EndSource();
        }

        while (_sources.TryDequeue(out var source))
        {
            Descriptors.Close(source);
        }

        _edge.Finish(error);
        _over.TrySetResult();
    }

    private sealed class TargetWatch(SpliceTaker taker) : ILoopHandler
    {
        internal ulong Tag;

        public void OnReady(EpollEvents events) => taker.TargetReady(events);
    }
}
