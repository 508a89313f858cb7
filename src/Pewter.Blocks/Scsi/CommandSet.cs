using Pewter.Blocks.Scsi.Commands;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// Every command a disk knows, by operation code and service action, and the checks that come before all of them.
/// </summary>
internal static class CommandSet
{
    private const byte DpoFua = 0x18, Dpo = 0x10;

    private static readonly ScsiCommand[] Commands = Create();
    private static readonly ScsiCommand?[] ByOpcode = new ScsiCommand?[256];
    private static readonly Dictionary<(byte Opcode, byte Action), ScsiCommand> ByAction = [];

    static CommandSet()
    {
        foreach (ScsiCommand command in Commands)
        {
            if (command.ServiceAction is { } action)
                ByAction.Add((command.Opcode, action), command);
            else
                ByOpcode[command.Opcode] = command;
        }
    }

    public static IReadOnlyList<ScsiCommand> All => Commands;

    public static bool HasServiceActions(byte opcode) => ByAction.Keys.Any(k => k.Opcode == opcode);

    public static bool Has(byte opcode) => ByOpcode[opcode] is not null;

    public static ScsiCommand? Find(byte opcode, byte action) =>
        ByOpcode[opcode] ?? ByAction.GetValueOrDefault((opcode, action));

    /// <summary>Finds the task's command and has it plan the task; a refusal is left in the task.</summary>
    public static void Plan(ScsiTask task)
    {
        byte opcode = task.Cdb[0];
        ScsiCommand? command = ByOpcode[opcode] ?? ByAction.GetValueOrDefault((opcode, (byte)(task.Cdb[1] & 0x1F)));
        task.Command = command;
        if (command is null)
            task.Fail(HasServiceActions(opcode) ? Sense.InvalidField : Sense.Illegal(AdditionalSense.InvalidOpcode));
        else if (command.HasUnknownBits(task.Cdb))
            task.Fail(Sense.InvalidField);
        else if (task.Nexus.HasAttention && !command.IgnoresAttention && task.Nexus.TryTakeAttention(out AdditionalSense attention))
            task.Fail(Sense.Attention(attention));
        else if (task.Unit.Reservations.IsActive && task.Unit.Reservations.Conflicts(task.Nexus.Initiator, command.Reservation))
            task.Fail(ScsiStatus.ReservationConflict);
        else if (command.WritesMedium && (task.Nexus.IsReadOnly || task.Unit.IsWriteProtected))
            task.Fail(new Sense(SenseKey.DataProtect, AdditionalSense.WriteProtected));
        else if (command.Plan(task) is { IsNone: false } sense)
            task.Fail(sense);
    }

    private static ScsiCommand[] Create() =>
    [
        new TestUnitReady(),
        new RequestSense(),
        new ReadBlocks(CdbUsage.Six(0x08)),
        new WriteBlocks(CdbUsage.Six(0x0A)),
        new Inquiry(),
        new ModeSelect([0x15, 0x11, 0, 0, 0xFF, 0]),
        new Reserve([0x16, 0, 0, 0, 0, 0], releases: false),
        new Reserve([0x17, 0, 0, 0, 0, 0], releases: true),
        new ModeSense([0x1A, 0x08, 0xFF, 0xFF, 0xFF, 0]),
        new StartStopUnit(),
        new ReadCapacity10(),
        new ReadBlocks(CdbUsage.Ten(0x28, DpoFua)),
        new WriteBlocks(CdbUsage.Ten(0x2A, DpoFua)),
        new WriteVerify(CdbUsage.Ten(0x2E, Dpo | 0x06)),
        new VerifyBlocks(CdbUsage.Ten(0x2F, Dpo | 0x06)),
        new Prefetch(CdbUsage.Ten(0x34, 0x02)),
        new SynchronizeCache(CdbUsage.Ten(0x35, 0x06)),
        new ReadDefectData([0x37, 0, 0x1F, 0, 0, 0, 0, 0xFF, 0xFF, 0]),
        new WriteSame(CdbUsage.Ten(0x41, 0x08)),
        new Unmap(),
        new ModeSelect([0x55, 0x11, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0]),
        new Reserve([0x56, 0, 0, 0, 0, 0, 0, 0, 0, 0], releases: false),
        new Reserve([0x57, 0, 0, 0, 0, 0, 0, 0, 0, 0], releases: true),
        new ModeSense([0x5A, 0x18, 0xFF, 0xFF, 0, 0, 0, 0xFF, 0xFF, 0]),
        new PersistentReserveIn(PersistentReserveIn.ReadKeys),
        new PersistentReserveIn(PersistentReserveIn.ReadReservation),
        new PersistentReserveIn(PersistentReserveIn.ReportCapabilities),
        new PersistentReserveIn(PersistentReserveIn.ReadFullStatus),
        new PersistentReserveOut(PersistentReserveOut.Register),
        new PersistentReserveOut(PersistentReserveOut.Reserve),
        new PersistentReserveOut(PersistentReserveOut.Release),
        new PersistentReserveOut(PersistentReserveOut.Clear),
        new PersistentReserveOut(PersistentReserveOut.Preempt),
        new PersistentReserveOut(PersistentReserveOut.PreemptAndAbort),
        new PersistentReserveOut(PersistentReserveOut.RegisterAndIgnore),
        new ReadBlocks(CdbUsage.Sixteen(0x88, DpoFua)),
        new CompareAndWrite(),
        new WriteBlocks(CdbUsage.Sixteen(0x8A, DpoFua)),
        new OrWrite(),
        new WriteVerify(CdbUsage.Sixteen(0x8E, Dpo | 0x06)),
        new VerifyBlocks(CdbUsage.Sixteen(0x8F, Dpo | 0x06)),
        new Prefetch(CdbUsage.Sixteen(0x90, 0x02)),
        new SynchronizeCache(CdbUsage.Sixteen(0x91, 0x06)),
        new WriteSame(CdbUsage.Sixteen(0x93, 0x09)),
        new ReadCapacity16(),
        new GetLbaStatus(),
        new ReportLuns(),
        new ReportSupportedOpcodes(),
        new ReportSupportedTaskManagement(),
        new ReadBlocks(CdbUsage.Twelve(0xA8, DpoFua)),
        new WriteBlocks(CdbUsage.Twelve(0xAA, DpoFua)),
        new WriteVerify(CdbUsage.Twelve(0xAE, Dpo | 0x06)),
        new VerifyBlocks(CdbUsage.Twelve(0xAF, Dpo | 0x06)),
        new ReadDefectData([0xB7, 0x1F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0]),
    ];
}
