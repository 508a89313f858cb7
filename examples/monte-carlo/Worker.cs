using System.Globalization;

namespace MonteCarlo;

/// <summary>Throws points on a square and says how many fell into the circle in it: a line <c>points inside</c>.</summary>
internal static class Worker
{
    public static int Run(long points, ulong seed)
    {
        var index = ulong.Parse(Environment.GetEnvironmentVariable("PEWTER_INDEX") ?? "0", CultureInfo.InvariantCulture);
        var random = new Random(HashCode(seed + index));
        var inside = 0L;
        for (var i = 0L; i < points; i++)
        {
            var (x, y) = (random.NextDouble() - 0.5, random.NextDouble() - 0.5);
            inside += x * x + y * y < 0.25 ? 1 : 0;
        }

        Console.WriteLine($"{points} {inside}");
        return 0;
    }

    // Neighbouring seeds give generators that have nothing to do with each other.
    private static int HashCode(ulong seed) => (int)(((seed + 1) * 0x9E3779B97F4A7C15) >> 33);
}
