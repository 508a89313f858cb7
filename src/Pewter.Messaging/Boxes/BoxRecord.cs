namespace Pewter.Messaging.Boxes;

/// <summary>A mailbox as it is kept.</summary>
internal sealed record BoxRecord
{
    public required long Number { get; init; }

    public required string User { get; init; }

    public required string Group { get; init; }

    public uint Uid { get; init; } = uint.MaxValue;

    public uint Gid { get; init; } = uint.MaxValue;

    public string? Name { get; init; }

    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Its messages outlive this daemon and the machine.</summary>
    public bool IsDurable { get; init; }

    public int CapacityBytes { get; init; } = 2 << 20;

    public string Overflow { get; init; } = "reject";
}
