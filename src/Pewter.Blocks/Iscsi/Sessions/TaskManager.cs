using System.Net.Sockets;
using Pewter.Blocks.Iscsi.Wire;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// Task management (RFC 7143 11.5, 4.2.3.3). A function is answered once every task it affects is over, so that nothing
/// of them reaches the disk after the answer.
/// </summary>
internal sealed class TaskManager(IscsiConnection connection, IscsiSession session, Replies replies, CancellationToken closing)
{
    private const byte AbortTask = 1, AbortTaskSet = 2, ClearTaskSet = 4, UnitReset = 5, WarmReset = 6, ColdReset = 7, Reassign = 8;

    /// <summary>Takes a Task Management Function Request whose turn it is.</summary>
    public void Start(in Pdu pdu)
    {
        var request = new Request(
            (byte)(pdu.Header.Flags & 0x7F), pdu.Header.TaskTag, pdu.Header.Lun, ReferencedTag: pdu.Header.Word20);
        connection.Background.Watch(RunAsync(request));
    }

    private async Task RunAsync(Request request)
    {
        try
        {
            TaskManagementResponse response = await PerformAsync(request).WaitAsync(closing);
            replies.TaskManagement(request.Tag, response);
            await connection.Writer.DrainAsync(closing);
            if (request.Function == ColdReset)
                connection.Server.DropSessionsOf(session.Target!);
        }
        catch (Exception stop) when (stop is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            connection.Close();
        }
    }

    private Task<TaskManagementResponse> PerformAsync(Request request)
    {
        if (session.IsDiscovery)
            return Task.FromResult(TaskManagementResponse.Rejected);
        return request.Function switch
        {
            AbortTask => AbortOneAsync(request),
            AbortTaskSet or ClearTaskSet or UnitReset => AbortUnitAsync(request),
            WarmReset or ColdReset => ResetTargetAsync(request.Function),
            Reassign => Task.FromResult(TaskManagementResponse.ReassignmentNotSupported),
            _ => Task.FromResult(TaskManagementResponse.NotSupported),
        };
    }

    private async Task<TaskManagementResponse> AbortOneAsync(Request request)
    {
        IscsiTask? task = session.Find(request.ReferencedTag);
        if (task is null || task.Lun != request.Lun)
            return TaskManagementResponse.TaskDoesNotExist;
        await session.AbortAsync(other => other == task);
        return TaskManagementResponse.Complete;
    }

    private async Task<TaskManagementResponse> AbortUnitAsync(Request request)
    {
        if (session.FindNexus(request.Lun) is not { } nexus)
            return TaskManagementResponse.LunDoesNotExist;
        if (request.Function == AbortTaskSet)
        {
            await session.AbortAsync(task => task.Scsi.Nexus == nexus);
            return TaskManagementResponse.Complete;
        }
        await connection.Server.AbortAllAsync(nexus.Unit);
        if (request.Function == UnitReset)
            nexus.Unit.Reset(AdditionalSense.DeviceReset);
        else
            nexus.Unit.RaiseToAll(AdditionalSense.CommandsCleared, except: nexus.Initiator);
        return TaskManagementResponse.Complete;
    }

    private async Task<TaskManagementResponse> ResetTargetAsync(byte function)
    {
        foreach (LogicalUnit unit in session.Target!.Model.Units.Values)
        {
            await connection.Server.AbortAllAsync(unit);
            unit.Reset(function == ColdReset ? AdditionalSense.PowerOn : AdditionalSense.BusReset);
        }
        return TaskManagementResponse.Complete;
    }

    private readonly record struct Request(byte Function, uint Tag, ulong Lun, uint ReferencedTag);
}
