using Pewter.Doors.Metrics;

namespace Pewter.Doors.Http;

/// <summary>What an HTTP door serves beside the tree.</summary>
public sealed record HttpDoorOptions
{
    /// <summary>What <c>/metrics</c> shows, after the doors' own.</summary>
    public IReadOnlyList<IMetricsSource> Metrics { get; init; } = [];

    /// <summary>What <c>/readyz</c> says.</summary>
    public Func<Readiness> Readiness { get; init; } = static () => Http.Readiness.Ready;
}
