namespace Pewter.Fuse;

/// <summary>The last bytes that a reader was given, so that it can seek back a little. Used under its owner's gate.</summary>
internal sealed class RecentBytes
{
    /// <summary>More than the block of any shell or text tool (bash 4 KiB, coreutils 32 KiB).</summary>
    private const int Capacity = 64 * 1024;

    private byte[] _bytes = [];
    private int _count;

    /// <summary>Appends; the oldest are let go.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Capacity)
            bytes = bytes[^Capacity..];
        var keep = Math.Min(_count, Capacity - bytes.Length);
        if (_bytes.Length < keep + bytes.Length)
            Array.Resize(ref _bytes, Math.Min(Capacity, Math.Max(keep + bytes.Length, 2 * _bytes.Length)));
        _bytes.AsSpan(_count - keep, keep).CopyTo(_bytes);
        bytes.CopyTo(_bytes.AsSpan(keep));
        _count = keep + bytes.Length;
    }

    /// <summary>Copies what was read <paramref name="back"/> bytes ago and later; false when that is too long ago.</summary>
    public bool TryCopy(ulong back, Span<byte> buffer, out int count)
    {
        count = 0;
        if (back > (ulong)_count)
            return false;
        count = Math.Min((int)back, buffer.Length);
        _bytes.AsSpan(_count - (int)back, count).CopyTo(buffer);
        return true;
    }

    public void Clear() => _count = 0;
}
