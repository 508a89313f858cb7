namespace Pewter.Blocks.Tests.Layers;

/// <summary>Content that differs from block to block and from seed to seed.</summary>
internal static class Bytes
{
    public static byte[] Of(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static async Task<byte[]> ReadAsync(this BlockDevice device, long offset, int length)
    {
        var bytes = new byte[length];
        await device.ReadAsync(offset, bytes, default);
        return bytes;
    }

    public static ValueTask WriteAsync(this BlockDevice device, long offset, byte[] data) => device.WriteAsync(offset, data, false, default);
}
