namespace Pewter.Blocks.Scsi.Commands;

/// <summary>TEST UNIT READY (SPC-4 6.47): a disk here is always ready.</summary>
internal sealed class TestUnitReady() : ScsiCommand([0x00, 0, 0, 0, 0, 0], ReservationClass.Ready)
{
    public override Sense Plan(ScsiTask task) => default;
}
