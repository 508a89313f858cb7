using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>
/// A disk of a <see cref="LayerStore"/>, or a sealed layer opened to read. Reads take no lock; writes hold one stripe (4 MiB); a snapshot swaps
/// the stack with every stripe held. Durable is what was written before a flush that returned, or by a write with FUA that returned.
/// </summary>
public sealed class LayeredDevice : BlockDevice
{
    private readonly StripeLocks _stripes = new();
    private readonly SemaphoreSlim _flushGate = new(1);
    private readonly LayerWriter _writer;
    private readonly Func<LayeredDevice, ValueTask> _closed;
    private readonly KeptState? _kept;
    private volatile LayerStack _stack;
    private long _length;
    private long _flushesWanted;
    private long _flushesDone;
    private int _isDisposed;

    internal LayeredDevice(string id, LayerStack stack, long length, HeatMap heat, Func<LayeredDevice, ValueTask> closed, KeptState? kept = null)
    {
        _kept = kept;
        Id = id;
        _stack = stack;
        _length = length;
        Heat = heat;
        _closed = closed;
        _writer = new LayerWriter(() => _stack, _stripes);
    }

    /// <summary>The disk's or layer's id in its store.</summary>
    public string Id { get; }

    /// <summary>Which blocks were read first, and when.</summary>
    public HeatMap Heat { get; }

    /// <inheritdoc/>
    public override long Length => Volatile.Read(ref _length);

    /// <inheritdoc/>
    public override KeptState? Kept => _kept;

    /// <inheritdoc/>
    public override bool IsReadOnly => _stack.Open is null;

    internal LayerStack Stack => _stack;

    internal StripeLocks Stripes => _stripes;

    /// <inheritdoc/>
    public override bool TryRead(long offset, Span<byte> buffer)
    {
        if (!_stack.TryRead(offset, buffer))
            return false;
        Heat.Touch(offset, buffer.Length);
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await Task.Run(() => _stack.Read(offset, buffer.Span), cancellation);
        Heat.Touch(offset, buffer.Length);
    }

    /// <inheritdoc/>
    public override bool TryWrite(long offset, ReadOnlySpan<byte> data, bool fua)
    {
        RefuseReadOnly();
        return !fua && _writer.Write(offset, data, wait: false);
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken cancellation)
    {
        RefuseReadOnly();
        await Task.Run(() => _writer.Write(offset, data.Span, wait: true), cancellation);
        if (fua)
            await FlushAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (IsReadOnly)
            return;
        long wanted = Interlocked.Increment(ref _flushesWanted);
        await _flushGate.WaitAsync(cancellation);
        try
        {
            // Whoever waited here while another flush began and ended after asking has nothing left to do.
            if (_flushesDone >= wanted)
                return;
            long serves = Volatile.Read(ref _flushesWanted);
            await Task.Run(() => _stack.Open?.Persist(_stripes.Of), CancellationToken.None);
            _flushesDone = serves;
        }
        finally
        {
            _flushGate.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteZeroesAsync(
        long offset, long length, bool mayUnmap, bool fua, CancellationToken cancellation)
    {
        RefuseReadOnly();
        await Task.Run(() => WriteZeroes(offset, length, mayUnmap, cancellation), cancellation);
        if (fua)
            await FlushAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask DiscardAsync(long offset, long length, CancellationToken cancellation)
    {
        RefuseReadOnly();
        await Task.Run(() => _writer.Free(FirstWhole(offset), EndWhole(offset + length)), cancellation);
    }

    /// <inheritdoc/>
    public override ValueTask PrefetchAsync(long offset, long length, CancellationToken cancellation)
    {
        LayerStack stack = _stack;
        for (long end = offset + length; offset < end;)
        {
            StoreFile? file = stack.Source(offset >> LayerFormat.BlockShift);
            int run = stack.RunLength(offset, (int)Math.Min(end - offset, 1 << 30), file);
            file?.Prefetch(offset, run);
            offset += run;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Starts reading what an earlier use read, in the order it was read.</summary>
    public async ValueTask PrefetchAsync(HeatMap earlier, CancellationToken cancellation)
    {
        foreach (HeatRun run in earlier.Runs())
        {
            if (run.Offset + run.Length <= Length)
                await PrefetchAsync(run.Offset, run.Length, cancellation);
        }
    }

    /// <inheritdoc/>
    public override int GetExtents(long offset, long length, Span<BlockExtent> extents) =>
        new ExtentScanner(_stack).Scan(offset, length, extents);

    /// <inheritdoc/>
    public override bool TryGetImmutableRange(long offset, int length, out ImmutableRange range)
    {
        range = default;
        LayerStack stack = _stack;
        if (!stack.TrySource(offset >> LayerFormat.BlockShift, out StoreFile? file) || file is null || file == stack.Open?.Data)
            return false;
        if (stack.RunLength(offset, length, file) < length || !file.TryGetRange(offset, length, out range))
            return false;
        Heat.Touch(offset, length);
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        await _closed(this);
    }

    /// <summary>Stores all that is in memory and, with no write in progress, lets <paramref name="commit"/> decide what the stack is next.</summary>
    internal async ValueTask SwapAsync(Func<OpenLayer, LayerStack> commit, CancellationToken cancellation)
    {
        await _flushGate.WaitAsync(cancellation);
        try
        {
            await Task.Run(() => Swap(commit), CancellationToken.None);
        }
        finally
        {
            _flushGate.Release();
        }
    }

    /// <summary>Copies all that lower layers hold into the top.</summary>
    internal Task CopyUpAsync(IProgress<long>? progress, CancellationToken cancellation) => Task.Run(
        () =>
        {
            for (int page = 0; page < LayerFormat.PageCount(Length); page++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (_writer.CopyUp(page) is > 0 and long copied)
                    progress?.Report(copied);
            }
        },
        cancellation);

    internal void ChangeLength(long length)
    {
        _stripes.RunAlone(() =>
        {
            _stack.Open?.Grow(length);
            return true;
        });
        Volatile.Write(ref _length, length);
        OnLengthChanged();
    }

    private LayerStack Swap(Func<OpenLayer, LayerStack> commit)
    {
        OpenLayer open = _stack.Open!;
        open.Persist(_stripes.Of);
        return _stripes.RunAlone(() =>
        {
            open.Settle(_stripes.Of);
            return _stack = commit(open);
        });
    }

    private void WriteZeroes(long offset, long length, bool mayUnmap, CancellationToken cancellation)
    {
        long end = offset + length;
        long first = mayUnmap ? FirstWhole(offset) : end;
        long last = mayUnmap ? EndWhole(end) : end;
        if (mayUnmap && first < last)
        {
            WriteZeroBytes(offset, first << LayerFormat.BlockShift, cancellation);
            _writer.Free(first, last);
            WriteZeroBytes(last << LayerFormat.BlockShift, end, cancellation);
            return;
        }

        WriteZeroBytes(offset, end, cancellation);
    }

    private void WriteZeroBytes(long offset, long end, CancellationToken cancellation)
    {
        while (offset < end)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(end - offset, ZeroBytes.Length);
            _writer.Write(offset, ZeroBytes.AsSpan(0, count), wait: true);
            offset += count;
        }
    }

    private static readonly byte[] ZeroBytes = new byte[256 * 1024];

    private static long FirstWhole(long offset) => (offset + LayerFormat.BlockSize - 1) >> LayerFormat.BlockShift;

    // The last block of a disk whose length is no multiple of 4 KiB is whole although it is short.
    private long EndWhole(long end) => end == Length ? FirstWhole(end) : end >> LayerFormat.BlockShift;

    private void RefuseReadOnly()
    {
        if (IsReadOnly)
            throw new BlockException(BlockErrno.EROFS, $"{Id} is a sealed layer and cannot be written: clone it.");
    }
}
