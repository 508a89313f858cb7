using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// The difference between what the initiator expected to move and what the command moves (RFC 7143 11.4.5).
/// </summary>
internal readonly record struct Residual(byte Flags, uint Count)
{
    private const byte Overflow = 0x04, Underflow = 0x02;

    public static Residual Of(IscsiTask task)
    {
        ScsiTask scsi = task.Scsi;
        long moves = scsi.Transfer == ScsiTransfer.DataIn ? scsi.DataInLength : scsi.TransferLength;
        long expected = task.Expected;
        return moves == expected ? default
            : moves > expected ? new(Overflow, (uint)(moves - expected))
            : new(Underflow, (uint)(expected - moves));
    }
}
