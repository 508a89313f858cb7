namespace Pewter.Blocks.Iscsi.Login;

/// <summary>
/// What a login agreed on; the initial values are those that hold when nothing is said (RFC 7143 13).
/// </summary>
internal sealed record SessionParameters
{
    public bool HeaderDigest { get; set; }

    public bool DataDigest { get; set; }

    public int MaxConnections { get; set; } = 1;

    public bool InitialR2T { get; set; } = true;

    public bool ImmediateData { get; set; } = true;

    /// <summary>The longest data segment the initiator takes.</summary>
    public int PeerDataSegment { get; set; } = 8192;

    public int MaxBurst { get; set; } = 262144;

    public int FirstBurst { get; set; } = 65536;

    public int MaxOutstandingR2T { get; set; } = 1;
}
