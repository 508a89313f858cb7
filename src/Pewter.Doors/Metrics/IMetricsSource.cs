namespace Pewter.Doors.Metrics;

/// <summary>Something that can be measured now. Asked at every scrape, from any thread.</summary>
public interface IMetricsSource
{
    /// <summary>Writes the present values, family by family.</summary>
    void Write(MetricsText text);
}
