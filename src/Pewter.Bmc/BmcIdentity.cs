namespace Pewter.Bmc;

/// <summary>Who a machine is; an empty text where its controller does not tell.</summary>
public sealed record BmcIdentity
{
    /// <summary>The maker, by name or by IANA enterprise number.</summary>
    public string Manufacturer { get; init; } = "";

    /// <summary>The model or product number.</summary>
    public string Model { get; init; } = "";

    /// <summary>The serial number.</summary>
    public string Serial { get; init; } = "";

    /// <summary>The system's UUID.</summary>
    public string Uuid { get; init; } = "";

    /// <summary>The controller's firmware.</summary>
    public string Firmware { get; init; } = "";

    /// <summary>Processors, where told.</summary>
    public int? Cpus { get; init; }

    /// <summary>Bytes of memory, where told.</summary>
    public long? MemoryBytes { get; init; }
}
