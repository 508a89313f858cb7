using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Iscsi.Transfers;
using Pewter.Blocks.Iscsi.Wire;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// Runs a connection's SCSI commands. What the device can do without waiting is done inline, on the read loop, and
/// allocates nothing; the rest goes on beside it. A task ends in exactly one place, <see cref="End"/>.
/// </summary>
internal sealed class CommandRunner(IscsiConnection connection, IscsiSession session, Replies replies, CancellationToken closing)
{
    private readonly PduWriter _writer = connection.Writer;
    private readonly WriteGatherer _gatherer = new(connection, session, replies);
    private readonly TrafficTally _tally = new();
    private readonly DataInSender _sender = new(connection.Writer, replies, session.Parameters);

    /// <summary>Everything that is started until <see cref="EndBatch"/> has arrived together.</summary>
    public void BeginBatch() => _tally.Begin();

    /// <summary>Adds what ended inline to the traffic of its disks.</summary>
    public void EndBatch() => _tally.Flush();

    /// <summary>Takes a SCSI Command PDU (RFC 7143 11.3) whose turn it is.</summary>
    public void Start(in Pdu pdu)
    {
        // Extended CDBs and bidirectional commands would need additional headers; no command here has either.
        bool bidirectional = (pdu.Header.Flags & 0x60) == 0x60;
        if (session.IsDiscovery || bidirectional || pdu.Header.AdditionalLength > 0)
        {
            replies.Reject(session.IsDiscovery ? RejectReason.ProtocolError : RejectReason.InvalidPduField, pdu.Header);
            return;
        }
        IscsiTask task = session.Rent();
        task.Start(connection, pdu.Header);
        Plan(task);
        if (!task.Writes && (pdu.Data.Length > 0 || !pdu.Header.IsFinal))
            throw new PduException("a command that does not write brought data");
        if (!task.Writes || _gatherer.TryBegin(task, pdu))
            Execute(task);
    }

    /// <summary>Takes a Data-Out PDU.</summary>
    public void TakeData(in Pdu pdu)
    {
        if (_gatherer.Take(pdu) is { } complete)
            Execute(complete);
    }

    private void Plan(IscsiTask task)
    {
        Nexus? nexus = session.FindNexus(task.Lun);
        task.Scsi.ExpectedOut = task.Writes ? task.Expected : 0;
        task.Scsi.Nexus = nexus ?? session.AnyNexus;
        if (nexus is not null)
            CommandSet.Plan(task.Scsi);
        else
            AbsentUnit.Plan(task.Scsi);
    }

    private void Execute(IscsiTask task)
    {
        if (task.Scsi.Status != ScsiStatus.Good)
        {
            End(task);
            return;
        }
        try
        {
            if (TryExecuteInline(task))
                return;
        }
        catch (BlockException failure)
        {
            task.Scsi.Fail(Sense.From(failure, task.Writes));
            End(task);
            return;
        }
        Park(task);
        connection.Background.Watch(ExecuteAsync(task));
    }

    /// <summary>True when the task has ended.</summary>
    private bool TryExecuteInline(IscsiTask task)
    {
        ScsiTask scsi = task.Scsi;
        bool isRead = scsi.Transfer == ScsiTransfer.ReadExtent && _sender.Continue(task) == ReadStep.Done;
        if (!isRead && !(scsi.Transfer == ScsiTransfer.WriteExtent && TryWrite(task)))
            return false;
        _tally.Count(scsi.Unit.Traffic, isWrite: !isRead, isRead ? task.Sending.Sent : scsi.DataOut.Length);
        if (isRead)
            Release(task);
        else
            End(task);
        return true;
    }

    private static bool TryWrite(IscsiTask task)
    {
        ScsiTask scsi = task.Scsi;
        if (scsi.DataOut.IsEmpty)
            return true;
        if (!scsi.Unit.Gate.TryEnterShared())
            return false;
        try
        {
            return scsi.Unit.Device.TryWrite(scsi.Offset, scsi.DataOut.Span, scsi.Fua);
        }
        finally
        {
            scsi.Unit.Gate.Exit();
        }
    }

    /// <summary>
    /// Makes a task outlive the PDU that brought it: it gets its place in the table, and its data is copied.
    /// </summary>
    private void Park(IscsiTask task)
    {
        if (!task.IsParked)
        {
            if (!session.TryPark(task))
                throw new PduException($"task tag {task.Tag:x8} is in use");
            task.IsParked = true;
            task.IsExecuting = true;
        }
        if (task.Buffer is not null || task.Scsi.DataOut.IsEmpty)
            return;
        int length = task.Scsi.DataOut.Length;
        task.Scsi.DataOut.Span.CopyTo(task.RentBuffer(length));
        task.Scsi.DataOut = task.Buffer.AsMemory(0, length);
    }

    private async Task ExecuteAsync(IscsiTask task)
    {
        bool ended = false;
        long begun = Stopwatch.GetTimestamp();
        try
        {
            if (task.Scsi.Transfer == ScsiTransfer.ReadExtent)
            {
                await ReadAsync(task);
                ended = true;
            }
            else if (task.Scsi.Transfer == ScsiTransfer.WriteExtent)
            {
                await WriteAsync(task);
            }
            else
            {
                await task.Scsi.Command!.ExecuteAsync(task.Scsi, closing);
            }
        }
        catch (BlockException failure)
        {
            task.Scsi.Fail(Sense.From(failure, task.Writes));
        }
        catch (Exception stop) when (stop is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            task.IsAborted = true;
        }
        Count(task, begun);
        if (ended)
            Release(task);
        else
            End(task);
        await FlushAsync();
    }

    private static void Count(IscsiTask task, long begun)
    {
        ExportTraffic traffic = task.Scsi.Unit.Traffic;
        switch (task.Scsi.Transfer)
        {
            case ScsiTransfer.ReadExtent:
                traffic.AddReads(1, task.Sending.Sent);
                break;
            case ScsiTransfer.WriteExtent:
                traffic.AddWrites(1, task.Scsi.DataOut.Length);
                break;
            default:
                traffic.AddOther();
                break;
        }
        traffic.AddLatency(Stopwatch.GetElapsedTime(begun), 1);
    }

    private async Task ReadAsync(IscsiTask task)
    {
        while (!task.IsAborted)
        {
            switch (_sender.Continue(task))
            {
                case ReadStep.Done:
                    return;
                case ReadStep.NeedsRoom:
                    await _writer.WaitForRoomAsync(closing);
                    break;
                default:
                    await ReadPieceAsync(task);
                    break;
            }
        }
    }

    private async Task ReadPieceAsync(IscsiTask task)
    {
        int length = _sender.NextPiece(task);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ScsiTask scsi = task.Scsi;
            await scsi.Unit.Device.ReadAsync(scsi.Offset + task.Sending.Sent, buffer.AsMemory(0, length), closing);
            if (!task.IsAborted)
                _sender.Append(task, buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task WriteAsync(IscsiTask task)
    {
        ScsiTask scsi = task.Scsi;
        await scsi.Unit.Gate.EnterSharedAsync();
        try
        {
            await scsi.Unit.Device.WriteAsync(scsi.Offset, scsi.DataOut, scsi.Fua, closing);
        }
        finally
        {
            scsi.Unit.Gate.Exit();
        }
    }

    /// <summary>Sends the status, and the data of commands that made some, unless the task was aborted.</summary>
    private void End(IscsiTask task)
    {
        if (!task.IsAborted)
        {
            if (task.Scsi.Transfer == ScsiTransfer.DataIn && task.Scsi.Status == ScsiStatus.Good)
                _sender.Continue(task);
            else
                replies.Status(task);
        }
        Release(task);
    }

    private void Release(IscsiTask task)
    {
        if (task.IsParked)
            session.Unpark(task);
        session.Return(task);
    }

    private async Task FlushAsync()
    {
        try
        {
            await _writer.FlushAsync(closing);
        }
        catch (Exception stop) when (stop is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            connection.Close();
        }
    }
}
