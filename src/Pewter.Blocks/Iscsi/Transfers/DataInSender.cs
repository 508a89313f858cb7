using Pewter.Blocks.Iscsi.Login;
using Pewter.Blocks.Iscsi.Sessions;
using Pewter.Blocks.Iscsi.Wire;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Transfers;

/// <summary>
/// Sends a command's data as Data-In PDUs (RFC 7143 11.7), each no longer than the initiator takes and no longer than
/// what is left of its burst; the last one carries the status. A device that need not wait reads straight into the
/// outgoing buffer.
/// </summary>
internal sealed class DataInSender(PduWriter writer, Replies replies, SessionParameters parameters)
{
    private const byte Final = 0x80, HasStatus = 0x01;

    /// <summary>Goes on from where the task is. What commands make themselves is short and never waits.</summary>
    public ReadStep Continue(IscsiTask task)
    {
        int total = Total(task);
        if (total == 0)
        {
            replies.Status(task);
            return ReadStep.Done;
        }
        lock (writer.Gate)
        {
            while (task.Sending.Sent < total)
            {
                if (writer.IsFull && task.Scsi.Transfer == ScsiTransfer.ReadExtent)
                    return ReadStep.NeedsRoom;
                PduSlot pdu = writer.Reserve(NextPiece(task, total));
                if (!TryFill(task, pdu.Data))
                    return ReadStep.NeedsDevice;
                Commit(task, pdu, total);
            }
        }
        return ReadStep.Done;
    }

    /// <summary>The length of the next PDU's data.</summary>
    public int NextPiece(IscsiTask task) => NextPiece(task, Total(task));

    /// <summary>Sends the next PDU with data that was waited for.</summary>
    public void Append(IscsiTask task, ReadOnlySpan<byte> data)
    {
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(data.Length);
            data.CopyTo(pdu.Data);
            Commit(task, pdu, Total(task));
        }
    }

    private static int Total(IscsiTask task)
    {
        if (!task.Reads)
            return 0;
        long moves = task.Scsi.Transfer == ScsiTransfer.DataIn ? task.Scsi.DataInLength : task.Scsi.TransferLength;
        return (int)Math.Min(moves, task.Expected);
    }

    private int NextPiece(IscsiTask task, int total)
    {
        int leftOfBurst = parameters.MaxBurst - task.Sending.Sent % parameters.MaxBurst;
        return Math.Min(Math.Min(total - task.Sending.Sent, parameters.PeerDataSegment), leftOfBurst);
    }

    private static bool TryFill(IscsiTask task, Span<byte> data)
    {
        ScsiTask scsi = task.Scsi;
        if (scsi.Transfer == ScsiTransfer.ReadExtent)
            return scsi.Unit.Device.TryRead(scsi.Offset + task.Sending.Sent, data);
        scsi.DataIn.Slice(task.Sending.Sent, data.Length).CopyTo(data);
        return true;
    }

    private void Commit(IscsiTask task, in PduSlot pdu, int total)
    {
        int offset = task.Sending.Sent;
        int end = offset + pdu.DataLength;
        bool last = end == total;
        bool endsBurst = last || end % parameters.MaxBurst == 0;
        pdu.Start(IscsiOpcode.DataIn, endsBurst ? Final : (byte)0, task.Tag);
        pdu.Write(20, BasicHeader.NoTag);
        pdu.Write(36, task.Sending.DataSn);
        pdu.Write(40, (uint)offset);
        if (last)
            AddStatus(task, pdu);
        else
            replies.NumberCommands(pdu);
        writer.Commit(pdu);
        task.Sending.Sent = end;
        task.Sending.DataSn++;
    }

    private void AddStatus(IscsiTask task, in PduSlot pdu)
    {
        Residual residual = Residual.Of(task);
        pdu.Bytes[1] |= (byte)(HasStatus | residual.Flags);
        pdu.Bytes[3] = (byte)task.Scsi.Status;
        pdu.Write(44, residual.Count);
        replies.Number(pdu);
    }
}
