namespace Pewter.Sdk.Piping;

/// <summary>How a pipeline is laid out. Immutable.</summary>
public sealed record PipelineOptions
{
    /// <summary>Instances of a stage behind <c>|&lt;</c> or <c>|#|</c> that does not say how many.</summary>
    public int Degree { get; init; } = 4;

    /// <summary>Instances by the number of the stage, from 1; goes before all else.</summary>
    public IReadOnlyDictionary<int, int> Degrees { get; init; } = new Dictionary<int, int>();

    /// <summary>
    /// Which nodes may have the stages: a query; null: any that is ready for stages with many instances, this machine for single ones.
    /// </summary>
    public string? Query { get; init; }

    /// <summary>Queries by the number of the stage, from 1.</summary>
    public IReadOnlyDictionary<int, string> Queries { get; init; } = new Dictionary<int, string>();

    /// <summary>Field of the key of hash pipes that do not name one, from 1; null: the whole record.</summary>
    public int? KeyField { get; init; }

    /// <summary>How instances are laid out over the nodes.</summary>
    public Layout Layout { get; init; }

    /// <summary>Variables for all stages.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Files of this machine that the nodes of all stages are to have; each stage starts in the directory that has them.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}
