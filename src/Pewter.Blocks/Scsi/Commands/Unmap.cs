using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// UNMAP (SBC-3 5.25). ANCHOR is refused (ANC_SUP is 0). Partial physical blocks are zeroed, so that what is unmapped
/// reads as zeroes.
/// </summary>
internal sealed class Unmap() : ScsiCommand([0x42, 0, 0, 0, 0, 0, 0x1F, 0xFF, 0xFF, 0], ReservationClass.Write)
{
    /// <summary>The most descriptors in one parameter list.</summary>
    public const int MaxDescriptors = 256;

    private const int Header = 8, DescriptorLength = 16;

    public override bool WritesMedium => true;

    public override Sense Plan(ScsiTask task)
    {
        int length = U16(task, 7);
        if (length is > 0 and < Header)
            return Sense.Illegal(AdditionalSense.ParameterListLengthError);
        task.PlanTransfer(ScsiTransfer.DataOut, length);
        return default;
    }

    public override async ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        if (task.DataOut.Length == 0)
            return;
        Sense sense = Check(task, out int count);
        if (!sense.IsNone)
        {
            task.Fail(sense);
            return;
        }
        await task.Unit.Gate.EnterSharedAsync();
        try
        {
            for (int i = 0; i < count; i++)
            {
                (ulong lba, uint blocks) = Descriptor(task.DataOut.Span, i);
                if (blocks > 0)
                {
                    await task.Unit.Device.WriteZeroesAsync(
                        (long)lba * LogicalUnit.BlockSize, (long)blocks * LogicalUnit.BlockSize, mayUnmap: true, fua: false, cancellation);
                }
            }
        }
        finally
        {
            task.Unit.Gate.Exit();
        }
    }

    private static Sense Check(ScsiTask task, out int count)
    {
        count = 0;
        ReadOnlySpan<byte> list = task.DataOut.Span;
        if (list.Length < Header)
            return Sense.Illegal(AdditionalSense.ParameterListLengthError);
        int bytes = Math.Min(ReadUInt16BigEndian(list[2..]), list.Length - Header);
        count = bytes / DescriptorLength;
        if (count > MaxDescriptors)
            return Sense.InvalidParameter;
        for (int i = 0; i < count; i++)
        {
            (ulong lba, uint blocks) = Descriptor(list, i);
            if (BlockExtents.CheckRange(task.Unit, lba, blocks) is { IsNone: false } sense)
                return sense;
        }
        return default;
    }

    private static (ulong Lba, uint Blocks) Descriptor(ReadOnlySpan<byte> list, int index)
    {
        ReadOnlySpan<byte> descriptor = list[(Header + DescriptorLength * index)..];
        return (ReadUInt64BigEndian(descriptor), ReadUInt32BigEndian(descriptor[8..]));
    }
}
