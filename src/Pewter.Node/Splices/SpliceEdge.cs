namespace Pewter.Node.Splices;

/// <summary>
/// One end of a splice as its session's owner sees it: where the bytes come from or go to, how many there were, how it ended. The bytes of a
/// session's output that were spliced away are in no ring and no spool. Any thread may read; the splice itself writes.
/// </summary>
public sealed class SpliceEdge
{
    /// <summary>The word for a splice that goes on.</summary>
    public const string Open = "open";

    /// <summary>The word for one whose source has ended and whose bytes have all been taken.</summary>
    public const string Done = "done";

    /// <summary>The word for one that an end's death, or a failure between them, has ended.</summary>
    public const string Broken = "broken";

    /// <summary>The word for a way on which the program's own pipe was handed over.</summary>
    public const string Direct = "direct";

    /// <summary>The word for a way on which this agent copies what it reads elsewhere.</summary>
    public const string Copied = "agent";

    private long _bytes;
    private volatile string _state = Open;

    internal SpliceEdge(string direction, string peer, string way) => (Direction, Peer, Way) = (direction, peer, way);

    /// <summary><c>in</c> or <c>out</c>.</summary>
    public string Direction { get; }

    /// <summary>The other end, as it was named.</summary>
    public string Peer { get; }

    /// <summary>Which way the bytes take: <c>direct</c>, <c>agent</c>, or what a daemon has called its own, such as <c>tls</c>.</summary>
    public string Way { get; internal set; }

    /// <summary>Bytes so far. The source's end is told of them four times a second.</summary>
    public long Bytes
    {
        get => Volatile.Read(ref _bytes);
        internal set => Volatile.Write(ref _bytes, value);
    }

    /// <summary>Bytes of these that its session's ring had before: the rest went past it.</summary>
    internal long HeldBytes { get; set; } = long.MaxValue;

    internal long LiveBytes => Direction == "out" ? Math.Max(0, Bytes - HeldBytes) : 0;

    /// <summary>One of the three words.</summary>
    public string State => _state;

    /// <summary>Why it broke; empty otherwise.</summary>
    public string Error { get; private set; } = "";

    /// <summary>One line about it for people.</summary>
    public string Describe() => _state switch
    {
        Open => $"{(Direction == "in" ? "from" : "to")} {Peer}",
        Done => $"done: {Bytes} bytes {(Direction == "in" ? "from" : "to")} {Peer}",
        _ => $"failed: {Error}",
    };

    /// <summary>Ends it, well or with an error. An error may come late: that the source, all of whose bytes were taken, was killed.</summary>
    internal void Finish(string error = "")
    {
        if (_state == Open || (_state == Done && error.Length > 0))
        {
            Error = error;
            _state = error.Length == 0 ? Done : Broken;
        }
    }
}
