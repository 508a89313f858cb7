using Pewter.Blocks.Iscsi.Login;
using Pewter.Blocks.Iscsi.Sessions;
using Pewter.Blocks.Iscsi.Wire;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Transfers;

/// <summary>
/// Gathers the data of writes: immediate, unsolicited, and asked for by R2T (RFC 7143 4.2.5.2, 11.7, 11.8). Belongs to
/// one connection's read loop. Data out of order fails its command, as at error recovery level 0 nothing is asked for
/// again.
/// </summary>
internal sealed class WriteGatherer(IscsiConnection connection, IscsiSession session, Replies replies)
{
    private readonly SessionParameters _parameters = session.Parameters;

    /// <summary>
    /// Takes a command with its immediate data. True when all data is here, in <see cref="ScsiTask.DataOut"/>; false
    /// when more has to come, and the task is parked, or was rejected.
    /// </summary>
    public bool TryBegin(IscsiTask task, in Pdu pdu)
    {
        CheckUnsolicited(task, pdu.Header.IsFinal, pdu.Data.Length);
        ref DataOutProgress progress = ref task.Receiving;
        progress.Needed = Needed(task);
        progress.Received = progress.Requested = pdu.Data.Length;
        progress.UnsolicitedOpen = !pdu.Header.IsFinal;
        if (progress.IsComplete)
        {
            task.Scsi.DataOut = pdu.Data[..progress.Needed];
            return true;
        }
        if (!session.TryPark(task))
        {
            replies.Reject(RejectReason.TaskInProgress, pdu.Header);
            session.Return(task);
            return false;
        }
        task.IsParked = true;
        if (!session.TryCharge(task, progress.Needed))
        {
            task.Scsi.Fail(ScsiStatus.TaskSetFull);
            progress.Needed = 0;
        }
        Keep(task, pdu.Data.Span, 0);
        RequestMore(task);
        return progress.IsComplete && TryFinish(task);
    }

    /// <summary>
    /// Takes a Data-Out PDU; gives the task when it was the last one, or when it was wrong, which fails the task and
    /// throws the rest of its data away.
    /// </summary>
    public IscsiTask? Take(in Pdu pdu)
    {
        // Data of a task that has ended early still comes for a while and is thrown away.
        if (session.Find(pdu.Header.TaskTag, connection) is not { IsAborted: false, IsExecuting: false } task)
            return null;
        int offset = task.Receiving.Received;
        bool isUnsolicited = pdu.Header.Word20 == BasicHeader.NoTag;
        if (pdu.Header.Word40 != offset || !(isUnsolicited ? TryTakeUnsolicited(task, pdu) : TryTakeSolicited(task, pdu)))
        {
            task.Scsi.Fail(new Sense(SenseKey.AbortedCommand, AdditionalSense.DataPhaseError));
            return session.TryBeginExecution(task) ? task : null;
        }
        Keep(task, pdu.Data.Span, offset);
        task.Receiving.Received += pdu.Data.Length;
        RequestMore(task);
        return task.Receiving.IsComplete && TryFinish(task) ? task : null;
    }

    private bool TryFinish(IscsiTask task)
    {
        task.Scsi.DataOut = task.Buffer.AsMemory(0, task.Receiving.Needed);
        return session.TryBeginExecution(task);
    }

    private void CheckUnsolicited(IscsiTask task, bool isFinal, int immediate)
    {
        bool allowed = immediate == 0 || (_parameters.ImmediateData && immediate <= _parameters.FirstBurst);
        if (!allowed || immediate > task.Expected || (!isFinal && _parameters.InitialR2T))
            throw new PduException($"a command brought {immediate} bytes of unsolicited data that were not agreed on");
    }

    private static int Needed(IscsiTask task)
    {
        ScsiTask scsi = task.Scsi;
        if (scsi.Status != ScsiStatus.Good || scsi.Transfer is not (ScsiTransfer.WriteExtent or ScsiTransfer.DataOut))
            return 0;
        int needed = (int)Math.Min(task.Expected, scsi.TransferLength);
        if (scsi.Transfer == ScsiTransfer.DataOut || needed % LogicalUnit.BlockSize == 0)
            return needed;
        scsi.Fail(Sense.Illegal(AdditionalSense.InvalidFieldInInformationUnit));
        return 0;
    }

    private bool TryTakeUnsolicited(IscsiTask task, in Pdu pdu)
    {
        ref DataOutProgress progress = ref task.Receiving;
        int end = progress.Received + pdu.Data.Length;
        bool wanted = progress.UnsolicitedOpen && pdu.Header.Word36 == progress.UnsolicitedDataSn++;
        progress.Requested = end;
        progress.UnsolicitedOpen = !pdu.Header.IsFinal;
        return wanted && end <= _parameters.FirstBurst && end <= task.Expected;
    }

    private static bool TryTakeSolicited(IscsiTask task, in Pdu pdu)
    {
        ref DataOutProgress progress = ref task.Receiving;
        if (progress.OpenBursts == 0)
            return false;
        ref Burst burst = ref progress.CurrentBurst;
        burst.Received += pdu.Data.Length;
        bool wanted = pdu.Header.Word20 == burst.TransferTag && pdu.Header.Word36 == burst.DataSn++;
        bool ends = burst.Received == burst.Length;
        if (ends)
            progress.CloseBurst();
        return wanted && burst.Received <= burst.Length && pdu.Header.IsFinal == ends;
    }

    private static void Keep(IscsiTask task, ReadOnlySpan<byte> data, int offset)
    {
        int needed = task.Receiving.Needed;
        if (task.Buffer is null)
            task.RentBuffer(needed);
        if (offset < needed)
            data[..Math.Min(data.Length, needed - offset)].CopyTo(task.Buffer.AsSpan(offset));
    }

    private void RequestMore(IscsiTask task)
    {
        ref DataOutProgress progress = ref task.Receiving;
        int atOnce = Math.Min(_parameters.MaxOutstandingR2T, DataOutProgress.MaxBursts);
        while (!progress.UnsolicitedOpen && progress.Requested < progress.Needed && progress.OpenBursts < atOnce)
        {
            int length = Math.Min(progress.Needed - progress.Requested, _parameters.MaxBurst);
            var burst = new Burst(session.NextTransferTag(), length);
            replies.ReadyToTransfer(task, burst);
            progress.OpenBurst(burst);
            progress.R2TSn++;
        }
    }
}
