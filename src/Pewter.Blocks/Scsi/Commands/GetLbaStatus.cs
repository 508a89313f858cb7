using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>GET LBA STATUS (SBC-3 5.6): which blocks are mapped.</summary>
internal sealed class GetLbaStatus() : ScsiCommand(CdbUsage.ServiceIn16(0x9E, 0x1F), ReservationClass.Read, serviceAction: 0x12)
{
    private const int Header = 8, DescriptorLength = 16, MaxDescriptors = 64;

    public override Sense Plan(ScsiTask task)
    {
        ulong lba = ReadUInt64BigEndian(task.Cdb.AsSpan(2));
        if (lba >= (ulong)task.Unit.BlockCount)
            return Sense.Illegal(AdditionalSense.LbaOutOfRange);
        return PlanDataIn(task, U32(task, 10));
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        long lba = ReadInt64BigEndian(task.Cdb.AsSpan(2));
        Span<BlockExtent> extents = stackalloc BlockExtent[MaxDescriptors];
        long offset = lba * LogicalUnit.BlockSize;
        int count = task.Unit.Device.GetExtents(offset, task.Unit.Device.Length - offset, extents);
        Span<byte> data = task.BeginDataIn(Header + DescriptorLength * MaxDescriptors);
        int written = 0;
        foreach (BlockExtent extent in extents[..count])
            written = Append(data, written, ref lba, extent);
        int length = Header + DescriptorLength * written;
        WriteInt32BigEndian(data, length - 4);
        task.EndDataIn(length);
        return ValueTask.CompletedTask;
    }

    /// <summary>Adjacent runs of one kind are one descriptor, whose count has 32 bits.</summary>
    private static int Append(Span<byte> data, int written, ref long lba, BlockExtent extent)
    {
        uint blocks = (uint)Math.Min(uint.MaxValue, extent.Length / LogicalUnit.BlockSize);
        if (blocks == 0)
            return written;
        byte status = extent.IsHole ? (byte)1 : (byte)0;
        Span<byte> previous = written == 0 ? default : data[(Header + DescriptorLength * (written - 1))..];
        if (written > 0 && previous[12] == status && blocks <= uint.MaxValue - ReadUInt32BigEndian(previous[8..]))
        {
            WriteUInt32BigEndian(previous[8..], ReadUInt32BigEndian(previous[8..]) + blocks);
        }
        else
        {
            Span<byte> descriptor = data[(Header + DescriptorLength * written++)..];
            WriteInt64BigEndian(descriptor, lba);
            WriteUInt32BigEndian(descriptor[8..], blocks);
            descriptor[12] = status;
        }
        lba += blocks;
        return written;
    }
}
