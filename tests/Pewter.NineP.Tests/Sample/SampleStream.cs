using Pewter.NineP.Serving;

namespace Pewter.NineP.Tests.Sample;

/// <summary>
/// A stream: what is written to it is read once, in order; reads wait. Exact under cancellation: data leaves it only together with the result.
/// </summary>
internal sealed class SampleStream() : SampleFile(QidType.File, 0x81B6)
{
    private readonly Queue<byte> _bytes = new();
    private readonly List<TaskCompletionSource> _waiting = [];

    public int Readers { get; private set; }

    public int Disposed { get; private set; }

    public bool IsEnded { get; private set; }

    public int Buffered
    {
        get
        {
            lock (_bytes)
                return _bytes.Count;
        }
    }

    public void Push(ReadOnlySpan<byte> data)
    {
        lock (_bytes)
        {
            foreach (var b in data)
                _bytes.Enqueue(b);
            Wake();
        }
    }

    public void End()
    {
        lock (_bytes)
        {
            IsEnded = true;
            Wake();
        }
    }

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) => new(new Open(this));

    public override ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation) =>
        changes == new StatChange { Size = 0 } ? default : throw new FileException(Errno.EPERM, "Only truncation.");

    private void Wake()
    {
        foreach (var waiting in _waiting)
            waiting.TrySetResult();
        _waiting.Clear();
    }

    private int? Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _bytes.Count);
        for (var i = 0; i < count; i++)
            buffer[i] = _bytes.Dequeue();
        return count > 0 || IsEnded ? count : null;
    }

    private sealed class Open(SampleStream stream) : OpenFile(stream)
    {
        public override bool TryRead(ulong offset, Span<byte> buffer, out int count)
        {
            lock (stream._bytes)
            {
                var taken = stream.Take(buffer);
                count = taken ?? 0;
                return taken is not null;
            }
        }

        public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            stream.Readers++;
            try
            {
                while (true)
                {
                    TaskCompletionSource ready;
                    lock (stream._bytes)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        if (stream.Take(buffer.Span) is { } count)
                            return count;
                        stream._waiting.Add(ready = new(TaskCreationOptions.RunContinuationsAsynchronously));
                    }

                    await ready.Task.WaitAsync(cancellation);
                }
            }
            finally
            {
                stream.Readers--;
            }
        }

        public override ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            stream.Push(data.Span);
            return new(data.Length);
        }

        public override ValueTask DisposeAsync()
        {
            stream.Disposed++;
            return base.DisposeAsync();
        }
    }
}
