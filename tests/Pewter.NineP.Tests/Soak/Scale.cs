namespace Pewter.NineP.Tests.Soak;

/// <summary>How long the soaks are: the full number with PEWTER_SOAK=full, else a slice of a few seconds.</summary>
internal static class Scale
{
    public static long Of(long full, long slice) => Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? full : slice;
}
