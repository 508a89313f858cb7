namespace Pewter.Blocks.Iscsi.Transfers;

/// <summary>The data asked for by one R2T.</summary>
internal record struct Burst(uint TransferTag, int Length)
{
    public int Received { get; set; }

    public uint DataSn { get; set; }
}
