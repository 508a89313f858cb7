using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Serving;

/// <summary>A stream of lines that blocks its readers at the end; every open has a cursor of its own and ignores offsets.</summary>
public sealed class MemoryEvents : MemoryFile
{
    private readonly Lock _lock = new();
    private byte[] _bytes = [];
    private bool _ended;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _opens;

    public MemoryEvents()
        : base(QidType.File) => Mode = 0x124;

    /// <summary>Reads that wait at this moment.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Opens at this moment.</summary>
    public int Opens => Volatile.Read(ref _opens);

    public void Append(string line)
    {
        lock (_lock)
            _bytes = [.. _bytes, .. Encoding.UTF8.GetBytes(line + "\n")];
        Wake();
    }

    public void End()
    {
        _ended = true;
        Wake();
    }

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, flags);
        Interlocked.Increment(ref _opens);
        return new(new Cursor(this));
    }

    private void Wake()
    {
        lock (_lock)
        {
            _more.TrySetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Cursor(MemoryEvents events) : OpenFile(events)
    {
        private int _position;

        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            lock (events._lock)
            {
                count = Math.Min(buffer.Length, events._bytes.Length - _position);
                events._bytes.AsSpan(_position, count).CopyTo(buffer);
                _position += count;
                return count > 0 || events._ended;
            }
        }

        public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            Interlocked.Increment(ref events._waiting);
            try
            {
                while (true)
                {
                    Task more;
                    lock (events._lock)
                        more = events._more.Task;
                    if (TryRead(offset, buffer.Span, out var count))
                        return count;
                    await more.WaitAsync(cancellation);
                }
            }
            finally
            {
                Interlocked.Decrement(ref events._waiting);
            }
        }

        public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            // "since N": N lines are skipped.
            var words = Encoding.UTF8.GetString(data.Span).Trim().Split(' ');
            if (words is not ["since", var number] || !int.TryParse(number, out var skip))
                throw new FileException(Errno.EINVAL, "Write `since N`.");
            lock (events._lock)
            {
                _position = 0;
                while (skip-- > 0 && events._bytes.AsSpan(_position).IndexOf((byte)'\n') is >= 0 and var end)
                    _position += end + 1;
            }

            await Task.Yield();
            return data.Length;
        }

        public override ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref events._opens);
            return base.DisposeAsync();
        }
    }
}
