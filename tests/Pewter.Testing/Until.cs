using System.Diagnostics;

namespace Pewter.Testing;

/// <summary>Waits for what another process or thread brings about.</summary>
public static class Until
{
    /// <summary>Returns when the condition holds; fails after ten seconds.</summary>
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>The same for a condition that has to be asked for.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(10))
                throw new TimeoutException($"Not within ten seconds: {what}");
            await Task.Delay(5);
        }
    }
}
