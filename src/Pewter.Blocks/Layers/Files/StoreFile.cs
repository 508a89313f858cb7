namespace Pewter.Blocks.Layers.Files;

/// <summary>
/// One file of a store, and the seam where tests record writes and cut the power. All members may be called at once. Failures are
/// <see cref="BlockException"/>s that name the file. What was written is durable only after <see cref="Sync"/>.
/// </summary>
internal abstract class StoreFile : IDisposable
{
    public abstract string Name { get; }

    public abstract long Length { get; }

    /// <summary>Disk space that the file occupies, in bytes.</summary>
    public abstract long AllocatedBytes { get; }

    public abstract DateTime ModifiedAt { get; }

    /// <summary>Tells that from now on nobody writes the file, so that it may be sent from without copying.</summary>
    public virtual void Freeze()
    {
    }

    /// <summary>Where a range of a frozen file can be sent from; false where there is no such thing.</summary>
    public virtual bool TryGetRange(long offset, int length, out ImmutableRange range)
    {
        range = default;
        return false;
    }

    /// <summary>Reads all of <paramref name="buffer"/> if no disk has to be waited for; false leaves the buffer undefined.</summary>
    public abstract bool TryRead(long offset, Span<byte> buffer);

    /// <summary>Reads all of <paramref name="buffer"/>; EIO when the file is too short.</summary>
    public abstract void Read(long offset, Span<byte> buffer);

    /// <summary>Writes a part of <paramref name="data"/>, at least a byte of it.</summary>
    public abstract int WriteSome(long offset, ReadOnlySpan<byte> data);

    /// <summary>Writes all of <paramref name="data"/>.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int written = WriteSome(offset, data);
            data = data[written..];
            offset += written;
        }
    }

    public abstract void Sync();

    /// <summary>Frees a range, which then reads as zeroes.</summary>
    public abstract void PunchHole(long offset, long length);

    /// <summary>Reserves space, so that later writes into the range do not fail for want of it.</summary>
    public abstract void Reserve(long offset, long length);

    public abstract void Truncate(long length);

    /// <summary>Starts reading a range into memory.</summary>
    public virtual void Prefetch(long offset, long length)
    {
    }

    /// <summary>The start of the next data at or after <paramref name="offset"/>, or <see cref="Length"/>.</summary>
    public virtual long NextData(long offset) => offset;

    public abstract void Dispose();
}
