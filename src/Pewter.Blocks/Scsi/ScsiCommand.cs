using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// One SCSI command: a stateless object that plans a task from its CDB, before any data moves, and executes it once its
/// data is there. Extent transfers are done by the transport and are never executed.
/// </summary>
/// <param name="usage">
/// The CDB usage map that REPORT SUPPORTED OPERATION CODES gives (SPC-4 6.36.3): the operation code, then the bits the
/// device looks at. Any other bit set in a CDB is an invalid field, so a flag that is not implemented can never be
/// ignored in silence.
/// </param>
/// <param name="reservation">How reservations treat it.</param>
/// <param name="serviceAction">For operation codes shared by several commands: the value of byte 1, bits 4–0.</param>
internal abstract class ScsiCommand(byte[] usage, ReservationClass reservation, byte? serviceAction = null)
{
    public ReadOnlySpan<byte> Usage => usage;

    public byte Opcode => usage[0];

    public byte? ServiceAction => serviceAction;

    public ReservationClass Reservation => reservation;

    /// <summary>Answers even when a unit attention waits (SPC-4 5.14: INQUIRY, REPORT LUNS, REQUEST SENSE).</summary>
    public virtual bool IgnoresAttention => false;

    /// <summary>Fails on a write-protected medium.</summary>
    public virtual bool WritesMedium => false;

    /// <summary>Needs a logical unit; REPORT LUNS, INQUIRY and REQUEST SENSE also answer where there is none.</summary>
    public virtual bool NeedsUnit => true;

    /// <summary>Checks the CDB and says what is to be moved.</summary>
    public abstract Sense Plan(ScsiTask task);

    /// <summary>
    /// Does it; failures go to <see cref="ScsiTask.Fail(in Sense)"/> or are <see cref="BlockException"/>s.
    /// </summary>
    public virtual ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>True when the CDB sets a bit that the usage map does not have.</summary>
    public bool HasUnknownBits(ReadOnlySpan<byte> cdb)
    {
        for (int i = 1; i < usage.Length; i++)
        {
            if ((cdb[i] & ~usage[i]) != 0)
                return true;
        }
        return false;
    }

    protected static Sense PlanDataIn(ScsiTask task, long allocationLength)
    {
        task.PlanTransfer(ScsiTransfer.DataIn, allocationLength);
        return default;
    }

    protected static ushort U16(ScsiTask task, int at) => ReadUInt16BigEndian(task.Cdb.AsSpan(at));

    protected static uint U32(ScsiTask task, int at) => ReadUInt32BigEndian(task.Cdb.AsSpan(at));
}
