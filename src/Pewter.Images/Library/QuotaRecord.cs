namespace Pewter.Images.Library;

/// <summary>What a user may have, where it is not the default.</summary>
internal sealed record QuotaRecord(string User, long Bytes);
