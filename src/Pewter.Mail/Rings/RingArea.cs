namespace Pewter.Mail;

/// <summary>
/// Who has which part of the area of long bodies: taken in a round, given back in any order, used again when all before
/// it is given back. Private to the writer; the
/// peer only reads the bodies. Guarded by its link's gate.
/// </summary>
internal sealed class RingArea(int bytes)
{
    private readonly Queue<Piece> _pieces = new();
    private readonly HashSet<long> _freed = [];
    private long _head;
    private long _tail;

    /// <summary>Takes room for a body in one piece; −1 when there is none.</summary>
    internal long Take(int length)
    {
        var size = (length + 63) & ~63;
        var place = _tail % bytes;
        var skipped = place + size > bytes ? bytes - place : 0;
        if (_tail + skipped + size - _head > bytes)
        {
            return -1;
        }

        _tail += skipped + size;
        var at = (_tail - size) % bytes;
        _pieces.Enqueue(new Piece(at, _tail));
        return at;
    }

    /// <summary>Gives a body's room back.</summary>
    internal void Free(long at)
    {
        _freed.Add(at);
        while (_pieces.TryPeek(out var first) && _freed.Remove(first.At))
        {
            _pieces.Dequeue();
            _head = first.End;
        }
    }

    private readonly record struct Piece(long At, long End);
}
