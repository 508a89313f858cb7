using System.Buffers;

namespace Pewter.NineP.Wire;

/// <summary>Bytes waiting to be sent, in one pooled array. Not synchronised: its owner holds the lock.</summary>
internal sealed class FrameBuffer
{
    // What an idle connection may keep; one burst of large replies must not stay allocated for the connection's life.
    private const int KeptBytes = 64 * 1024;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Gives room for <paramref name="size"/> bytes, of which <see cref="Advance"/> tells how many were used.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (_bytes.Length - Length < size)
            Grow(size);
        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length <= KeptBytes)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + size, Math.Max(1024, _bytes.Length * 2)));
        Written.CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
