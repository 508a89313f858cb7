namespace Pewter.NineP.Tests;

/// <summary>Waits for something another thread does.</summary>
internal static class Eventually
{
    public static async Task Async(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
            await Task.Delay(1, limit.Token);
    }
}
