using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>What a target answers for a logical unit it does not have (SPC-4 6.6.2, 6.33, 6.39).</summary>
internal static class AbsentUnit
{
    private const byte InquiryOpcode = 0x12, ReportLunsOpcode = 0xA0, RequestSenseOpcode = 0x03;

    private static readonly Answer Inquiry = new(36, data => Scsi.Commands.Inquiry.WriteAbsent(data), lengthAt: 4);
    private static readonly Answer RequestSense = new(20, WriteSense, lengthAt: 4);

    public static void Plan(ScsiTask task)
    {
        task.Command = task.Cdb[0] switch
        {
            InquiryOpcode when (task.Cdb[1] & 1) == 0 => Inquiry,
            RequestSenseOpcode => RequestSense,
            _ => null,
        };
        if (task.Cdb[0] == ReportLunsOpcode)
            CommandSet.Plan(task);
        else if (task.Command is null)
            task.Fail(Sense.Illegal(AdditionalSense.UnitNotSupported));
        else
            task.Command.Plan(task);
    }

    private static int WriteSense(Span<byte> data) =>
        Sense.Illegal(AdditionalSense.UnitNotSupported).Write(data, descriptorFormat: false);

    private delegate int Fill(Span<byte> data);

    private sealed class Answer(int length, Fill fill, int lengthAt) : ScsiCommand([0, 0, 0, 0, 0, 0], ReservationClass.Free)
    {
        public override Sense Plan(ScsiTask task) => PlanDataIn(task, task.Cdb[lengthAt]);

        public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
        {
            task.EndDataIn(fill(task.BeginDataIn(length)));
            return ValueTask.CompletedTask;
        }
    }
}
