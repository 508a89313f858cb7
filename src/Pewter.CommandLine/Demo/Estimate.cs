namespace Pewter.CommandLine.Demo;

/// <summary>π from points thrown at random on a square: four times the share that falls into the circle in it. Immutable.</summary>
/// <param name="Points">Points thrown.</param>
/// <param name="Inside">Those in the circle.</param>
internal readonly record struct Estimate(long Points, long Inside)
{
    /// <summary>The estimate; 0 before the first point.</summary>
    public double Value => Points == 0 ? 0 : 4.0 * Inside / Points;

    /// <summary>How far off it is to be expected, one standard deviation.</summary>
    public double ExpectedError => Points == 0 ? double.PositiveInfinity : 4 * Math.Sqrt(Share * (1 - Share) / Points);

    private double Share => (double)Inside / Points;

    public static Estimate operator +(Estimate one, Estimate other) => new(one.Points + other.Points, one.Inside + other.Inside);

    /// <summary>Throws points; the same seed throws the same.</summary>
    public static Estimate Throw(long points, ulong seed)
    {
        var state = seed;
        var inside = 0L;
        for (var i = 0L; i < points; i++)
        {
            // One SplitMix64 step gives both coordinates, 32 bits each.
            state += 0x9E3779B97F4A7C15;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
            var x = (uint)mixed * (1.0 / 4294967296.0);
            var y = (uint)(mixed >> 32) * (1.0 / 4294967296.0);
            inside += x * x + y * y < 1 ? 1 : 0;
        }

        return new Estimate(points, inside);
    }
}
