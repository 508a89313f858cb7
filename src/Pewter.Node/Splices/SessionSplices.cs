using Pewter.Node.Processes;

namespace Pewter.Node.Splices;

/// <summary>The splices of one session, out of it and into it. May be called from any thread.</summary>
public sealed class SessionSplices
{
    // More ends at one process than a person can read; the oldest that are over make room.
    private const int MostEdges = 64;

    private readonly Lock _lock = new();
    private readonly List<SpliceEdge> _edges = [];
    private readonly EventLoop _loop;
    private readonly ProcessSession _session;

    private volatile bool _isAsked;

    // On the loop's thread.
    private readonly List<(SpliceGiver Giver, OutputLog Log)> _waiting = [];
    private readonly List<SpliceGiver> _givers = [];
    private ExitRecord? _record;

    internal SessionSplices(EventLoop loop, ProcessSession session) => (_loop, _session) = (loop, session);

    /// <summary>The ends there are, the oldest first.</summary>
    public IReadOnlyList<SpliceEdge> Edges
    {
        get
        {
            lock (_lock)
            {
                return [.. _edges];
            }
        }
    }

    /// <summary>Bytes of output that went past the ring.</summary>
    internal long LiveBytes => Edges.Sum(edge => edge.LiveBytes);

    /// <summary>Notes an end that somebody is about to make.</summary>
    internal SpliceEdge Open(string direction, string peer, string way = SpliceEdge.Direct)
    {
        var edge = new SpliceEdge(direction, peer, way);
        lock (_lock)
        {
            if (_edges.Count >= MostEdges && _edges.FindIndex(other => other.State != SpliceEdge.Open) is >= 0 and var over)
            {
                _edges.RemoveAt(over);
            }

            _edges.Add(edge);
        }

        return edge;
    }

    /// <summary>Gives an output away over a channel, now or when there is one.</summary>
    /// <param name="stream">1 or 2.</param>
    /// <param name="socket">One of a <see cref="Linux.Sockets.SocketPair.CreateSequenced"/>; it becomes the splice's.</param>
    /// <param name="to">The name of the other end, and the way to it.</param>
    internal void Give(int stream, int socket, (string Name, string Way) to)
    {
        var edge = Open("out", to.Name, to.Way);
        _isAsked = true;
        var log = stream == 2 ? _session.Stderr : _session.Stdout;
        _loop.Post(() =>
        {
            var giver = new SpliceGiver(_loop, _session, log, socket, edge);
            _givers.RemoveAll(other => other.IsOver);
            _givers.Add(giver);
            switch (_session.State)
            {
                case ProcessState.New:
                    _waiting.Add((giver, log));
                    break;
                case ProcessState.Wiped:
                    giver.Abandon();
                    break;
                default:
                    giver.Begin(_session.PumpOf(log));
                    if (_record is { } record)
                    {
                        giver.Conclude(record);
                    }

                    break;
            }
        });
    }

    /// <summary>The program has been started.</summary>
    internal void ProgramStarted()
    {
        // Whoever asks from now on sees that it runs. Most sessions are never asked, and need not wake the loop.
        if (!_isAsked)
        {
            return;
        }

        _loop.Post(() =>
        {
            foreach (var (giver, log) in _waiting)
            {
                giver.Begin(_session.PumpOf(log));
            }

            _waiting.Clear();
        });
    }

    /// <summary>The program is over. On the loop's thread.</summary>
    internal void Concluded(ExitRecord record)
    {
        _record = record;
        _givers.ForEach(giver => giver.Conclude(record));
    }

    /// <summary>The program was over before this agent began.</summary>
    internal void Restored(ExitRecord record) => _record = record;

    /// <summary>The session is forgotten.</summary>
    internal void Wiped()
    {
        if (_isAsked)
        {
            _loop.Post(() =>
            {
                _waiting.ForEach(one => one.Giver.Abandon());
                _waiting.Clear();
            });
        }
    }
}
