namespace Pewter.Images.Library;

/// <summary>What was stored when the daemon started.</summary>
internal sealed record LibraryContent(
    LibraryCounters Counters,
    IReadOnlyList<ImageRecord> Images,
    IReadOnlyList<DiskRecord> Disks,
    IReadOnlyList<PendingRecord> Pending,
    IReadOnlyList<QuotaRecord> Quotas);
