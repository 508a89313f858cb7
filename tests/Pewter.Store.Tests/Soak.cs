namespace Pewter.Store.Tests;

/// <summary>How long a soak lasts: a slice by default, the promised number with PEWTER_SOAK=full.</summary>
internal static class Soak
{
    public static int Rounds(int slice, int full) => Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? full : slice;
}
