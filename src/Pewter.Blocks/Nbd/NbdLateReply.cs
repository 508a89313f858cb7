using System.Buffers;

namespace Pewter.Blocks.Nbd;

/// <summary>The answer of a request that had to wait, in a rented buffer that goes back when it was sent.</summary>
internal sealed class NbdLateReply(byte[] rented, int count, Action sent)
{
    public ReadOnlySpan<byte> Bytes => rented.AsSpan(0, count);

    public void Sent()
    {
        ArrayPool<byte>.Shared.Return(rented);
        sent();
    }
}
