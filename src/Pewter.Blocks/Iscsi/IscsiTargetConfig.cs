using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi;

/// <summary>A target as configured; <see cref="IscsiTargetModel.TryCreate"/> checks it.</summary>
/// <param name="Name">iSCSI name, e.g. <c>iqn.2026-11.example.pewter:d17</c>.</param>
public sealed record IscsiTargetConfig(string Name)
{
    /// <summary>A name for people, sent as TargetAlias.</summary>
    public string? Alias { get; init; }

    /// <summary>
    /// The disks by logical unit number. One disk goes to LUN 0, where iPXE and the firmware of machines look first.
    /// </summary>
    public required IReadOnlyDictionary<ushort, LogicalUnit> Units { get; init; }

    /// <summary>Who may use it; the first entry that names an initiator counts. Nobody may when it is empty.</summary>
    public required IReadOnlyList<IscsiAccessConfig> Access { get; init; }

    /// <summary>Asked at the end of each login; what it gives is disposed when the session has ended.</summary>
    public IscsiAdmission? Admission { get; init; }
}
