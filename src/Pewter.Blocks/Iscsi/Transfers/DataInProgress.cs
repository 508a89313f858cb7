namespace Pewter.Blocks.Iscsi.Transfers;

/// <summary>
/// How much of a read has been sent; kept so that a read can go on after waiting for room or for the device.
/// </summary>
internal struct DataInProgress
{
    public int Sent;
    public uint DataSn;
}
