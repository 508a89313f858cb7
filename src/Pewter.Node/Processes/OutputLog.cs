using Microsoft.Win32.SafeHandles;

namespace Pewter.Node.Processes;

/// <summary>
/// What a process has printed and somebody may still read: the last bytes of a stream in memory and, beyond those, in a spool file used
/// as a ring. One writer appends; any number of readers follow, each with its own cursor.
/// </summary>
/// <remarks>
/// Every byte has a position that never changes. <c>Start ≤ position in memory ≤ End</c>; what falls off the start is dropped and counted.
/// While a reader is attached nothing it has not read is dropped: <see cref="MayAppend"/> turns false instead, the writer stops, and
/// <see cref="Relieved"/> tells when to go on. All members may be called from any thread.
/// </remarks>
public sealed class OutputLog(OutputLimits limits) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<OutputReader> _readers = [];
    private readonly Queue<byte[]> _segments = new();
    private byte[] _tail = [];
    private int _tailUsed;

    // The last segment that was trimmed, to be filled again: a stream that flows through takes no new memory.
    private byte[]? _spare;
    private long _memoryStart;
    private long _end;
    private SafeFileHandle? _spool;
    private long _spoolStart;
    private bool _completed;
    private bool _blocked;
    private bool _takesAll;
    private TaskCompletionSource? _change;

    /// <summary>Raised when a log that refused bytes may take them again. Set by the writer before its first append.</summary>
    public Action? Relieved { get; set; }

    /// <summary>Hold the program back when the log is full, even with no reader, instead of dropping its oldest output.</summary>
    public bool Keep { get; set; }

    /// <summary>The most that one <see cref="Append"/> may be given.</summary>
    public int LargestAppend => limits.LargestSegment;

    /// <summary>Bytes ever appended.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>The oldest position that can be read; so also how many bytes were dropped.</summary>
    public long Start
    {
        get
        {
            lock (_lock)
            {
                return OldestHeld;
            }
        }
    }

    /// <summary>How many readers are attached.</summary>
    internal int ReaderCount
    {
        get
        {
            lock (_lock)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>Nothing more will be appended.</summary>
    public bool IsComplete => Volatile.Read(ref _completed);

    /// <summary>The program waits because the log is full.</summary>
    public bool IsBlocked => Volatile.Read(ref _blocked);

    private long OldestHeld => _spool is null ? _memoryStart : _spoolStart;

    /// <summary>
    /// Whether the writer may append now. When not, it must stop reading its program's output; <see cref="Relieved"/> will be raised.
    /// </summary>
    public bool MayAppend()
    {
        lock (_lock)
        {
            _blocked = IsFull();
            return !_blocked;
        }
    }

    /// <summary>Appends; the bytes are copied. Must follow a true <see cref="MayAppend"/>.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        TaskCompletionSource? change;
        lock (_lock)
        {
            while (data.Length > 0)
            {
                var count = Math.Min(data.Length, RoomInTail(data.Length));
                data[..count].CopyTo(_tail.AsSpan(_tailUsed));
                _tailUsed += count;
                _end += count;
                data = data[count..];
            }

            Trim();
            change = TakeChange();
        }

        change?.TrySetResult();
    }

    /// <summary>Ends the stream: readers get what is left and then the end.</summary>
    public void Complete()
    {
        TaskCompletionSource? change;
        lock (_lock)
        {
            _completed = true;
            _blocked = false;
            change = TakeChange();
        }

        change?.TrySetResult();
    }

    /// <summary>Attaches a reader at the oldest byte held, or at the end.</summary>
    public OutputReader Attach(bool atEnd = false)
    {
        lock (_lock)
        {
            var reader = new OutputReader(this, atEnd ? _end : OldestHeld);
            reader.Place = _readers.AddLast(reader);
            return reader;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Complete();
        lock (_lock)
        {
            _spool?.Dispose();
        }
    }

    internal void Detach(OutputReader reader)
    {
        lock (_lock)
        {
            if (reader.Place is { } place)
            {
                _readers.Remove(place);
                reader.Place = null;
            }
        }

        Relieve();
    }

    /// <summary>Copies from a position. Returns the count, 0 at the end of a complete log, or -1 when there is nothing yet.</summary>
    internal int Read(ref long position, Span<byte> buffer)
    {
        int count;
        lock (_lock)
        {
            position = Math.Max(position, OldestHeld);
            count = position < _memoryStart ? ReadSpool(position, buffer) : ReadMemory(position, buffer);
            position += count;
            count = count == 0 && buffer.Length > 0 && !_completed ? -1 : count;
        }

        Relieve();
        return count;
    }

    /// <summary>Ends when there is something at or after <paramref name="position"/>, or the log is complete.</summary>
    internal Task WaitAsync(long position, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (position < _end || _completed)
            {
                return Task.CompletedTask;
            }

            _change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _change.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// The program is over: what is still in its pipe, which is no more than a pipe holds, is taken at once, and no reader loses it.
    /// </summary>
    internal void TakeTheRest()
    {
        lock (_lock)
        {
            _takesAll = true;
        }
    }

    private bool IsFull()
    {
        if (_takesAll)
        {
            return false;
        }

        if (_readers.Count == 0 && !Keep)
        {
            return false;
        }

        var unread = _readers.Count == 0 ? OldestHeld : _readers.Min(reader => reader.Position);

        // The next append may be a segment long and push a whole segment out: neither may cost a reader a byte.
        var held = _end - Math.Max(unread, OldestHeld);
        return held > limits.MemoryBytes + limits.SpoolBytes - (2 * limits.LargestSegment);
    }

    private void Relieve()
    {
        if (!IsBlocked || !MayAppend())
        {
            return;
        }

        Relieved?.Invoke();
    }

    private int RoomInTail(int wanted)
    {
        if (_tailUsed == _tail.Length)
        {
            var size = Math.Clamp(Math.Max(wanted, _tail.Length * 2), limits.FirstSegment, limits.LargestSegment);
            _tail = _spare?.Length == size ? _spare : GC.AllocateUninitializedArray<byte>(size);
            _spare = null;
            _tailUsed = 0;
            _segments.Enqueue(_tail);
        }

        return _tail.Length - _tailUsed;
    }

    private void Trim()
    {
        while (_segments.Count > 1 && _end - _memoryStart > limits.MemoryBytes && !(_takesAll && IsUnread(_memoryStart)))
        {
            var segment = _segments.Dequeue();
            var oldest = segment.AsSpan();
            if (limits.SpoolBytes > 0)
            {
                Spool(oldest);
            }

            _memoryStart += oldest.Length;
            _spare = segment;
        }
    }

    private bool IsUnread(long position) => limits.SpoolBytes == 0 && _readers.Any(reader => reader.Position <= position);

    private void Spool(ReadOnlySpan<byte> data)
    {
        if (_spool is null)
        {
            _spool = File.OpenHandle(limits.SpoolPath!, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, FileOptions.DeleteOnClose);
            _spoolStart = _memoryStart;
        }

        var position = _memoryStart;
        while (data.Length > 0)
        {
            var place = position % limits.SpoolBytes;
            var count = (int)Math.Min(data.Length, limits.SpoolBytes - place);
            RandomAccess.Write(_spool, data[..count], place);
            data = data[count..];
            position += count;
        }

        _spoolStart = Math.Max(_spoolStart, position - limits.SpoolBytes);
    }

    private int ReadSpool(long position, Span<byte> buffer)
    {
        var place = position % limits.SpoolBytes;
        var count = (int)Math.Min(buffer.Length, Math.Min(_memoryStart - position, limits.SpoolBytes - place));
        return RandomAccess.Read(_spool!, buffer[..count], place);
    }

    private int ReadMemory(long position, Span<byte> buffer)
    {
        var skip = position - _memoryStart;
        var copied = 0;
        foreach (var segment in _segments)
        {
            var length = ReferenceEquals(segment, _tail) ? _tailUsed : segment.Length;
            if (skip >= length)
            {
                skip -= length;
                continue;
            }

            var count = (int)Math.Min(buffer.Length - copied, length - skip);
            segment.AsSpan((int)skip, count).CopyTo(buffer[copied..]);
            copied += count;
            skip = 0;
            if (copied == buffer.Length)
            {
                break;
            }
        }

        return copied;
    }

    private TaskCompletionSource? TakeChange()
    {
        var change = _change;
        _change = null;
        return change;
    }
}
