using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;

namespace Pewter.Disks;

/// <summary>A disk of the server. Its fields change under the server's gate and are read by anyone.</summary>
internal sealed class ServedDisk(DiskInfo info)
{
    private volatile DiskInfo _info = info;
    private volatile Export? _export;
    private volatile string? _fault;

    public string Id { get; } = info.Id;

    public long Number { get; } = long.Parse(info.Id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);

    public DiskInfo Info
    {
        get => _info;
        set => _info = value;
    }

    /// <summary>Null while the disk is not served.</summary>
    public Export? Export
    {
        get => _export;
        set => _export = value;
    }

    /// <summary>Why it is not served.</summary>
    public string? Fault
    {
        get => _fault;
        set => _fault = value;
    }

    public LayeredDevice? Device => Export?.Device as LayeredDevice;

    public string State => Fault is not null ? "faulty" : Export is null ? "offline" : "served";
}
