using System.Diagnostics;

namespace Pewter.Testing;

/// <summary>Waits for what another process or thread brings about.</summary>
public static class Until
{
    /// <summary>Returns when the condition holds; fails after a minute, since a machine may be crowded.</summary>
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>The same for a condition that has to be asked for.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(1))
                throw new TimeoutException($"Not within a minute: {what}");
            await Task.Delay(5);
        }
    }
}
