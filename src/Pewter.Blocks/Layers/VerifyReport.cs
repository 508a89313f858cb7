namespace Pewter.Blocks.Layers;

/// <summary>What a check of every stored block found.</summary>
/// <param name="Checked">Blocks whose checksum was right.</param>
/// <param name="WithoutChecksum">Blocks whose checksum was lost in a crash and had to be computed again; their content could not be judged.</param>
/// <param name="Damages">Every block that is not what was written.</param>
public sealed record VerifyReport(long Checked, long WithoutChecksum, IReadOnlyList<BlockDamage> Damages);

/// <summary>A block that is not what was written.</summary>
/// <param name="Layer">The layer whose file holds it.</param>
/// <param name="Offset">Where it is on the disk, in bytes.</param>
/// <param name="Reason">What is wrong with it, a sentence.</param>
public sealed record BlockDamage(string Layer, long Offset, string Reason);
