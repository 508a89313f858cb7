using System.Globalization;
using Pewter.NineP;

namespace Pewter.Sdk.Piping;

/// <summary>
/// A pipeline as a graph: stages with their instances, and an edge between each two. Pure: the same line and options give the same plan. Immutable.
/// </summary>
/// <param name="Stages">The stages, in order.</param>
/// <param name="Edges">The edges; edge <c>i</c> leads from stage <c>i</c> to stage <c>i + 1</c>.</param>
public sealed record PipelinePlan(IReadOnlyList<PlannedStage> Stages, IReadOnlyList<PlannedEdge> Edges)
{
    /// <summary>Limit of instances of a stage: each costs a process and a stream through this program.</summary>
    public const int MaxDegree = 256;

    /// <summary>Plans a line. EINVAL when it makes no sense.</summary>
    public static PipelinePlan Make(string line, PipelineOptions? options = null) => Make(PipelineParser.Parse(line), options ?? new());

    /// <summary>Plans stages.</summary>
    public static PipelinePlan Make(IReadOnlyList<PipelineStage> stages, PipelineOptions options)
    {
        var planned = new List<PlannedStage>();
        var edges = new List<PlannedEdge>();
        foreach (var stage in stages)
        {
            var number = planned.Count + 1;
            var before = planned.Count == 0 ? 1 : planned[^1].Degree;
            var degree = DegreeOf(stage, number, before, options);
            if (stage.Input is { } input)
            {
                edges.Add(new PlannedEdge(input.Kind, before, degree, input.KeyField ?? options.KeyField));
            }

            var query = options.Queries.GetValueOrDefault(number) ?? options.Query ?? (degree > 1 ? "state=ready" : null);
            planned.Add(new PlannedStage(number, stage.Text, degree, query));
        }

        return new PipelinePlan(planned, edges);
    }

    private static int DegreeOf(PipelineStage stage, int number, int before, PipelineOptions options)
    {
        int? asked = options.Degrees.TryGetValue(number, out var named) ? named : stage.Input?.Degree;
        var degree = stage.Input?.Kind switch
        {
            null => 1,
            PipeKind.FanIn => 1,
            PipeKind.OneToOne => before,
            PipeKind.Hash => asked ?? (before > 1 ? before : options.Degree),
            _ => asked ?? options.Degree,
        };
        var problem = stage.Input?.Kind switch
        {
            PipeKind.FanOut when before > 1 => $"has {before} instances before it already: to spread them anew use |#|, to bring them together >|",
            _ when asked is { } wanted && wanted != degree => $"cannot have {wanted} instances: its pipe gives it {degree}",
            _ when degree is < 1 or > MaxDegree => $"may have 1 to {MaxDegree} instances, not {degree}",
            _ => null,
        };
        return problem is null ? degree : throw new FileException(
            Errno.EINVAL, string.Create(CultureInfo.InvariantCulture, $"stage {number} '{stage.Text}' {problem}."));
    }
}

/// <summary>A stage of a plan.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Text">The command.</param>
/// <param name="Degree">Its instances.</param>
/// <param name="Query">Which nodes may have them; null: this machine.</param>
public sealed record PlannedStage(int Number, string Text, int Degree, string? Query);

/// <summary>An edge of a plan.</summary>
/// <param name="Kind">How records go.</param>
/// <param name="From">Instances that write.</param>
/// <param name="To">Instances that read.</param>
/// <param name="KeyField">The field that a hash is of, from 1; null: the whole record.</param>
public sealed record PlannedEdge(PipeKind Kind, int From, int To, int? KeyField);
