namespace Pewter.Sdk.Piping;

/// <summary>What stands between two stages.</summary>
/// <param name="Kind">How records go.</param>
/// <param name="Degree">To how many instances, as in <c>|&lt;4</c>; null: the usual number.</param>
/// <param name="KeyField">For a hash: the field that counts, from 1, as in <c>|#key=2|</c>; null: the whole record.</param>
public sealed record PipeOperator(PipeKind Kind, int? Degree = null, int? KeyField = null);
