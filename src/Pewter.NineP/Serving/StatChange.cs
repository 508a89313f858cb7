namespace Pewter.NineP.Serving;

/// <summary>The changes of one <c>Tsetattr</c> or <c>Twstat</c>; null leaves a field as it is.</summary>
public readonly record struct StatChange
{
    /// <summary>Permission bits.</summary>
    public uint? Mode { get; init; }

    /// <summary>Owner's number.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group's number.</summary>
    public uint? Gid { get; init; }

    /// <summary>Length in bytes. <c>echo x &gt; file</c> on Linux sends 0 after the open; ctl and streams do nothing then.</summary>
    public ulong? Size { get; init; }

    /// <summary>Time of the last change of the content.</summary>
    public DateTimeOffset? ModifiedAt { get; init; }

    /// <summary>Owner's name (9P2000 only).</summary>
    public string? User { get; init; }

    /// <summary>Group's name (9P2000 only).</summary>
    public string? Group { get; init; }

    /// <summary>New name in the same directory (9P2000 only).</summary>
    public string? Name { get; init; }
}
