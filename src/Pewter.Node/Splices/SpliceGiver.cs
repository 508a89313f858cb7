using System.Text;
using Pewter.Linux.Pipes;
using Pewter.Node.Processes;

namespace Pewter.Node.Splices;

/// <summary>
/// The source's end of a splice. What the program has printed so far goes through a pipe of its own; then the program's pipe itself is handed
/// over, so that what follows passes through no agent but the target's kernel calls. While others read the output too, or once it is over,
/// all of it goes the first way. Lives on the loop's thread.
/// </summary>
internal sealed class SpliceGiver : IDisposable
{
    private const int BrokenPipe = 13;

    // A program that still runs so long after its output ended has closed it by itself; one whose node dies is over by then.
    private static readonly TimeSpan LivesOn = TimeSpan.FromSeconds(2);

    /// <summary>Whether nobody is at the other end any more.</summary>
    internal bool IsOver => _channel.IsClosed;

    private readonly EventLoop _loop;
    private readonly ProcessSession _session;
    private readonly OutputLog _log;
    private readonly SpliceChannel _channel;
    private readonly SpliceEdge _edge;
    private OutputPump? _lent;
    private InputPipe? _held;
    private bool _isTaken;
    private bool _isConcluded;

    // Ends with its pipe or with the log, and fails at nothing else.
    private Task _feeding = Task.CompletedTask;

    internal SpliceGiver(EventLoop loop, ProcessSession session, OutputLog log, int socket, SpliceEdge edge)
    {
        (_loop, _session, _log, _edge) = (loop, session, log, edge);
        _channel = new SpliceChannel(loop, socket, Received, () => Break("the node that took the bytes is gone"));
        _channel.Start();
    }

    /// <summary>Begins, when the program runs or has run.</summary>
    /// <param name="pump">What reads the program's output now; null when nothing does any more.</param>
    internal void Begin(OutputPump? pump)
    {
        if (_channel.IsClosed)
        {
            return;
        }

        var reader = _log.Attach();
        var live = _log.ReaderCount == 1 ? pump?.Lend(this) : null;
        if (live is not null)
        {
            _lent = pump;
        }

        var until = live is null ? long.MaxValue : _log.End;
        _edge.HeldBytes = live is null ? until : until - reader.Position;
        if (live is null || reader.Position < until)
        {
            var (taken, fed) = AnonymousPipe.Create();
            AnonymousPipe.TrySetCapacity(fed, SpliceTaker.PipeBytes);
            _channel.Send(SpliceChannel.Held, taken);
            Linux.Descriptors.Close(taken);
            _held = new InputPipe(_loop, fed, isTerminal: false);
            _feeding = FeedAsync(reader, until, _held);
        }
        else
        {
            reader.Dispose();
        }

        if (live is { } descriptor)
        {
            AnonymousPipe.TrySetCapacity(descriptor, SpliceTaker.PipeBytes);
            _channel.Send(SpliceChannel.Live, descriptor);
        }

        _channel.Send(SpliceChannel.End);
    }

    /// <summary>The session is forgotten before it began: there will be nothing.</summary>
    internal void Abandon()
    {
        _channel.Send(SpliceChannel.Broken, "the source was wiped before it ran");
        _channel.Close();
        _edge.Finish("the source was wiped before it ran");
    }

    /// <summary>The program is over and others hold its output open: the target is told not to wait for them.</summary>
    internal void Cut() => _channel.Send(SpliceChannel.Cut);

    /// <summary>Ends the way of what was printed before.</summary>
    public void Dispose() => _held?.Dispose();

    private static async Task FeedAsync(OutputReader reader, long until, InputPipe pipe)
    {
        const int Piece = 64 * 1024;
        var buffer = new byte[Piece];
        try
        {
            while (reader.Position < until)
            {
                var count = await reader.ReadAsync(buffer.AsMemory(0, (int)Math.Min(Piece, until - reader.Position)), CancellationToken.None);
                if (count == 0)
                {
                    break;
                }

                await pipe.WriteAsync(buffer.AsMemory(0, count), CancellationToken.None);
            }
        }
        catch (Linux.LinuxException)
        {
            // Who took the bytes has closed the pipe, and says why on the channel.
        }
        finally
        {
            reader.Dispose();
            pipe.Dispose();
        }
    }

    private void Received(char letter, int descriptor, ReadOnlySpan<byte> rest)
    {
        if (descriptor >= 0)
        {
            Linux.Descriptors.Close(descriptor);
        }

        switch (letter)
        {
            case SpliceChannel.Count:
                _edge.Bytes = SpliceChannel.CountOf(rest);
                break;
            case SpliceChannel.Done:
                _edge.Bytes = SpliceChannel.CountOf(rest);
                _edge.Finish();
                _isTaken = true;
                _loop.After(LivesOn, Conclude);
                _lent?.EndLoan();
                CloseIfOver();
                break;
            case SpliceChannel.Broken:
                _channel.Close();
                Break(Encoding.UTF8.GetString(rest));
                break;
        }
    }

    /// <summary>The session is over. A target that thinks it has got everything must know if the source did not end by itself.</summary>
    internal void Conclude(ExitRecord record)
    {
        if (record.Cause != ExitCause.Exit)
        {
            _channel.Send(SpliceChannel.Broken, $"the source did not end by itself: {ExitRecord.NameOf(record.Cause)}");
            _isConcluded = true;
        }

        Conclude();
    }

    private void Conclude()
    {
        if (!_isConcluded)
        {
            _channel.Send(SpliceChannel.Whole);
            _isConcluded = true;
        }

        CloseIfOver();
    }

    private void CloseIfOver()
    {
        if (_isTaken && _isConcluded)
        {
            _channel.Close();
        }
    }

    // As in a shell's pipeline, a program whose reader has gone is told by SIGPIPE. One that goes on all the same prints into its log again.
    private void Break(string error)
    {
        if (_isTaken)
        {
            return;
        }

        _edge.Finish(error);
        Dispose();
        if (_lent is { IsClosed: false } pump)
        {
            _session.SignalGroup(BrokenPipe);
            pump.TakeBack();
        }
    }
}
