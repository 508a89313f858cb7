using Pewter.Blocks.Iscsi.Transfers;
using Pewter.Blocks.Iscsi.Wire;
using Pewter.Blocks.Scsi;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>Builds a connection's answers and numbers them. Each member takes the writer's gate for itself.</summary>
internal sealed class Replies(PduWriter writer, IscsiSession session)
{
    private const byte Final = 0x80;

    /// <summary>SCSI Response (RFC 7143 11.4), with sense data when there is any.</summary>
    public void Status(IscsiTask task)
    {
        ScsiTask scsi = task.Scsi;
        Span<byte> sense = stackalloc byte[20];
        bool hasSense = scsi.Status == ScsiStatus.CheckCondition;
        int length = hasSense ? scsi.Sense.Write(sense, task.DescriptorSense) : 0;
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(hasSense ? 2 + length : 0);
            Residual residual = Residual.Of(task);
            pdu.Start(IscsiOpcode.ScsiResponse, (byte)(Final | residual.Flags), task.Tag);
            pdu.Bytes[3] = (byte)scsi.Status;
            Number(pdu);
            pdu.Write(36, task.Sending.DataSn + task.Receiving.R2TSn);
            pdu.Write(44, residual.Count);
            if (hasSense)
            {
                WriteInt16BigEndian(pdu.Data, (short)length);
                sense[..length].CopyTo(pdu.Data[2..]);
            }
            writer.Commit(pdu);
        }
    }

    /// <summary>Ready To Transfer (RFC 7143 11.8).</summary>
    public void ReadyToTransfer(IscsiTask task, in Burst burst)
    {
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(0);
            pdu.Start(IscsiOpcode.ReadyToTransfer, Final, task.Tag);
            pdu.Write(8, task.Lun);
            pdu.Write(20, burst.TransferTag);
            Number(pdu, takesStatSn: false);
            pdu.Write(36, task.Receiving.R2TSn);
            pdu.Write(40, (uint)task.Receiving.Requested);
            pdu.Write(44, (uint)burst.Length);
            writer.Commit(pdu);
        }
    }

    /// <summary>NOP-In in answer to a ping (RFC 7143 11.19).</summary>
    public void Pong(in Pdu ping)
    {
        ReadOnlySpan<byte> data = ping.Data.Span;
        data = data[..Math.Min(data.Length, session.Parameters.PeerDataSegment)];
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(data.Length);
            pdu.Start(IscsiOpcode.NopIn, Final, ping.Header.TaskTag);
            pdu.Write(8, ping.Header.Lun);
            pdu.Write(20, BasicHeader.NoTag);
            Number(pdu);
            data.CopyTo(pdu.Data);
            writer.Commit(pdu);
        }
    }

    /// <summary>NOP-In that asks the initiator to answer.</summary>
    public void Ping()
    {
        uint tag = session.NextTransferTag();
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(0);
            pdu.Start(IscsiOpcode.NopIn, Final, BasicHeader.NoTag);
            pdu.Write(20, tag);
            Number(pdu, takesStatSn: false);
            writer.Commit(pdu);
        }
    }

    public void TaskManagement(uint tag, TaskManagementResponse response)
    {
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(0);
            pdu.Start(IscsiOpcode.TaskManagementResponse, Final, tag);
            pdu.Bytes[2] = (byte)response;
            Number(pdu);
            writer.Commit(pdu);
        }
    }

    /// <summary>Logout Response (RFC 7143 11.15).</summary>
    public void Logout(uint tag, byte response)
    {
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(0);
            pdu.Start(IscsiOpcode.LogoutResponse, Final, tag);
            pdu.Bytes[2] = response;
            Number(pdu);
            writer.Commit(pdu);
        }
    }

    /// <summary>
    /// Text Response (RFC 7143 11.11); <paramref name="transferTag"/> asks for another request when there is more.
    /// </summary>
    public void Text(uint tag, uint transferTag, ReadOnlySpan<byte> text)
    {
        bool more = transferTag != BasicHeader.NoTag;
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(text.Length);
            pdu.Start(IscsiOpcode.TextResponse, more ? (byte)0x40 : Final, tag);
            pdu.Write(20, transferTag);
            Number(pdu);
            text.CopyTo(pdu.Data);
            writer.Commit(pdu);
        }
    }

    /// <summary>Reject (RFC 7143 11.17) with the header of what was rejected.</summary>
    public void Reject(RejectReason reason, in BasicHeader rejected)
    {
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(BasicHeader.Length);
            pdu.Start(IscsiOpcode.Reject, Final, BasicHeader.NoTag);
            pdu.Bytes[2] = (byte)reason;
            Number(pdu);
            rejected.Bytes.CopyTo(pdu.Data);
            writer.Commit(pdu);
        }
    }

    /// <summary>
    /// Asynchronous Message 3 (RFC 7143 11.9): the target will drop all connections of the session; come back after two
    /// seconds.
    /// </summary>
    public void WillDropSession()
    {
        lock (writer.Gate)
        {
            PduSlot pdu = writer.Reserve(0);
            pdu.Start(IscsiOpcode.AsyncMessage, Final, BasicHeader.NoTag);
            Number(pdu);
            pdu.Bytes[36] = 3;
            pdu.Bytes[41] = 2;
            writer.Commit(pdu);
        }
    }

    /// <summary>Fills in StatSN, ExpCmdSN and MaxCmdSN; under the gate.</summary>
    public void Number(in PduSlot pdu, bool takesStatSn = true)
    {
        pdu.Write(24, writer.StatSn);
        if (takesStatSn)
            writer.StatSn++;
        NumberCommands(pdu);
    }

    public void NumberCommands(in PduSlot pdu)
    {
        (uint expected, uint max) = session.CommandNumbers;
        pdu.Write(28, expected);
        pdu.Write(32, max);
    }
}
