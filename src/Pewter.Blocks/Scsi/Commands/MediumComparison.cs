using System.Buffers;
namespace Pewter.Blocks.Scsi.Commands;

/// <summary>Compares what an initiator sent with what the disk holds.</summary>
internal static class MediumComparison
{
    /// <summary>Fails the task with MISCOMPARE and the offset of the first byte that differs.</summary>
    public static async ValueTask CompareAsync(
        ScsiTask task, long offset, ReadOnlyMemory<byte> expected, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, expected.Length));
        try
        {
            Memory<byte> held = buffer.AsMemory(0, expected.Length);
            await task.Unit.Device.ReadAsync(offset, held, cancellation);
            int same = held.Span.CommonPrefixLength(expected.Span);
            if (same < expected.Length)
                task.Fail(new Sense(SenseKey.Miscompare, AdditionalSense.MiscompareDuringVerify, (uint)same));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
