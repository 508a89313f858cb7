namespace Pewter.Blocks.Iscsi;

/// <summary>What one iSCSI server lets its initiators take.</summary>
public sealed record IscsiLimits
{
    /// <summary>Connections at once. 1,024 hold a few racks and, at 100 KiB each, 100 MiB.</summary>
    public int Connections { get; init; } = 1024;

    /// <summary>Connections of one session. 4 is more than any initiator in use opens.</summary>
    public int ConnectionsPerSession { get; init; } = 4;

    /// <summary>Commands a session may have under way; 128 is what Linux queues by default.</summary>
    public int QueueDepth { get; init; } = 128;

    /// <summary>
    /// Bytes of write data a session may have under way; beyond it commands end with TASK SET FULL. 64 MiB is 128
    /// writes of 512 KiB.
    /// </summary>
    public int WriteBytesPerSession { get; init; } = 64 * 1024 * 1024;

    /// <summary>The longest data segment taken (MaxRecvDataSegmentLength): as long as initiators use at most.</summary>
    public int ReceiveDataSegment { get; init; } = 256 * 1024;

    /// <summary>The longest burst of solicited data (MaxBurstLength).</summary>
    public int Burst { get; init; } = 1024 * 1024;

    /// <summary>The most unsolicited data of one command (FirstBurstLength).</summary>
    public int FirstBurst { get; init; } = 256 * 1024;

    /// <summary>R2Ts open at once for one command. More than a few bursts ahead gain nothing on a LAN.</summary>
    public int OutstandingR2T { get; init; } = 4;

    /// <summary>Negotiation text of one login or text request. The longest real ones have 2 KiB.</summary>
    public int NegotiationText { get; init; } = 32 * 1024;

    /// <summary>Requests of one login; real ones need up to 6.</summary>
    public int LoginRequests { get; init; } = 32;

    /// <summary>A login that is not through by then is dropped.</summary>
    public TimeSpan LoginTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>An initiator that has been silent so long is asked whether it is alive.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>One that does not answer is dropped; what it had reserved is free again.</summary>
    public TimeSpan DropAfter { get; init; } = TimeSpan.FromSeconds(60);
}
