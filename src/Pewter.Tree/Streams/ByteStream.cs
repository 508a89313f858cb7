using System.Diagnostics.CodeAnalysis;
using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>
/// A stream of bytes that any number of readers follow, each at its own pace, from the oldest byte that is still kept; bounded; ended
/// once. A writer waits or
/// the oldest bytes go, as <see cref="ByteStreamOptions.WhenFull"/> says.
/// </summary>
/// <remarks>
/// Owns the window, a ring that grows to its capacity. One lock, held for no longer than a copy. Writes are whole: those of two writers do
/// not mix. Safe to call from many threads.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
public sealed class ByteStream
{
    private readonly ByteStreamOptions _options;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly HashSet<ByteCursor> _cursors = [];
    private byte[] _ring = [];
    private long _start;
    private long _end;
    private long _delivered;

    /// <summary>Creates the stream.</summary>
    public ByteStream(ByteStreamOptions? options = null) => _options = options ?? new();

    /// <summary>Bytes written so far.</summary>
    public long Written => Volatile.Read(ref _end);

    /// <summary>Bytes that went before any reader had them, and that no spool keeps.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether the end has been written.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Readers that are attached.</summary>
    public int Readers
    {
        get
        {
            lock (_lock)
            {
                return _cursors.Count;
            }
        }
    }

    /// <summary>Fires when there is more to read.</summary>
    internal Pulse Grown { get; } = new();

    private Pulse Freed { get; } = new();

    /// <summary>Attaches a reader.</summary>
    /// <param name="fromStart">Whether it begins with the oldest byte that is kept, or with what is written from now on.</param>
    public ByteCursor Attach(bool fromStart = true)
    {
        lock (_lock)
        {
            var cursor = new ByteCursor(this, fromStart ? Oldest : _end);
            _cursors.Add(cursor);
            return cursor;
        }
    }

    /// <summary>Ends the stream: readers get what is left and then the end; writers get EPIPE.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            IsComplete = true;
        }

        Grown.Fire();
        Freed.Fire();
    }

    /// <summary>
    /// Writes all of the data, waiting as the options say. After a cancellation it returns the bytes that were accepted, when there
    /// were any. EPIPE
    /// after <see cref="Complete"/>.
    /// </summary>
    public async ValueTask<int> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation = default)
    {
        await _writing.WaitAsync(cancellation);
        var accepted = 0;
        try
        {
            while (true)
            {
                var freed = Freed.Next;
                var count = TryWrite(data.Span[accepted..]);
                accepted += count;
                if (accepted == data.Length)
                {
                    return accepted;
                }

                if (count == 0)
                {
                    await freed.WaitAsync(cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (accepted > 0)
        {
            return accepted;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Writes as much as there is room for, without waiting; returns how many bytes.</summary>
    public int TryWrite(ReadOnlySpan<byte> data)
    {
        int count;
        lock (_lock)
        {
            if (IsComplete)
            {
                throw new FileException(Errno.EPIPE, "The stream has ended; nobody reads what is written now.");
            }

            // What does not fit the window at all passes through it, when nobody has to see it.
            var room = _options.WhenFull == WhenFull.DropOldest ? long.MaxValue : Floor + _options.Capacity - _end;
            count = (int)Math.Min(room, data.Length);
            Put(data[..count]);
        }

        if (count > 0)
        {
            Grown.Fire();
        }

        return count;
    }

    /// <summary>Reads for a cursor; null when it has to wait, 0 at the end.</summary>
    internal int? TryRead(ByteCursor cursor, Span<byte> buffer)
    {
        int count;
        lock (_lock)
        {
            if (cursor.Position < Oldest)
            {
                cursor.Skip(Oldest - cursor.Position);
            }

            if (cursor.Position == _end)
            {
                return IsComplete || buffer.IsEmpty ? 0 : null;
            }

            count = cursor.Position < _start ? _options.Spool!.Read(cursor.Position, buffer) : CopyOut(cursor.Position, buffer);
            cursor.Advance(count);
            _delivered = Math.Max(_delivered, cursor.Position);
        }

        Freed.Fire();
        return count;
    }

    /// <summary>Detaches a reader.</summary>
    internal void Detach(ByteCursor cursor)
    {
        lock (_lock)
        {
            _cursors.Remove(cursor);
        }

        Freed.Fire();
    }

    private long Oldest => _options.Spool is { } spool ? Math.Min(spool.Start, _start) : _start;

    // No byte from here on may be overwritten.
    private long Floor
    {
        get
        {
            if (_options.Spool is not null || (_cursors.Count == 0 && _options.WhenFull == WhenFull.WaitForReaders))
            {
                return _end;
            }

            return _cursors.Count == 0 ? _delivered : Math.Max(_start, _cursors.Min(cursor => cursor.Position));
        }
    }

    private void Put(ReadOnlySpan<byte> data)
    {
        _options.Spool?.Append(data);
        var skipped = Math.Max(0, data.Length - _options.Capacity);
        var start = Math.Max(_start, _end + data.Length - _options.Capacity);
        if (_options.Spool is null)
        {
            Dropped += Math.Max(0, start - Math.Max(_start, _delivered));
        }

        (_start, _end) = (start, _end + skipped);
        Grow((int)(_end - _start) + data.Length - skipped);
        for (data = data[skipped..]; !data.IsEmpty;)
        {
            var at = (int)(_end % _ring.Length);
            var piece = Math.Min(data.Length, _ring.Length - at);
            data[..piece].CopyTo(_ring.AsSpan(at));
            data = data[piece..];
            Volatile.Write(ref _end, _end + piece);
        }
    }

    private void Grow(int needed)
    {
        if (needed <= _ring.Length)
        {
            return;
        }

        var size = Math.Min(_options.Capacity, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, 1024)));
        var ring = new byte[size];
        for (var position = _start; position < _end && _ring.Length > 0;)
        {
            var at = (int)(position % _ring.Length);
            var piece = (int)Math.Min(_end - position, _ring.Length - at);
            for (var i = 0; i < piece; i++)
            {
                ring[(position + i) % size] = _ring[at + i];
            }

            position += piece;
        }

        _ring = ring;
    }

    private int CopyOut(long position, Span<byte> buffer)
    {
        var count = 0;
        while (count < buffer.Length && position < _end)
        {
            var at = (int)(position % _ring.Length);
            var piece = (int)Math.Min(Math.Min(_end - position, _ring.Length - at), buffer.Length - count);
            _ring.AsSpan(at, piece).CopyTo(buffer[count..]);
            count += piece;
            position += piece;
        }

        return count;
    }
}
