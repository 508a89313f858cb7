namespace Pewter.NineP.Transport;

/// <summary>
/// The end of a serial line that waits: takes the sessions that the other end begins, one after another. The line is never closed in between,
/// since what comes while a port is closed is lost.
/// </summary>
/// <param name="line">The line, which stays the caller's. It may say at any time that it ended, and go on later.</param>
/// <param name="time">The clock.</param>
public sealed class PortListener(Stream line, TimeProvider time)
{
    // A host that has just taken over a copied machine comes within milliseconds; one that is away for long must not cost an idle machine much.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LastPause = TimeSpan.FromMilliseconds(100);

    private readonly PortLine _line = new(line);

    /// <summary>The next session; the one before must have been left.</summary>
    /// <exception cref="IOException">The line is gone.</exception>
    public async ValueTask<PortStream> AcceptAsync(CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause < LastPause ? pause + pause : LastPause)
        {
            if (await _line.ReadMarkAsync(cancellation) is { } name)
            {
                var session = new PortStream(_line);
                await _line.WriteMarkAsync(name, session, cancellation);
                return session;
            }

            await Task.Delay(pause, time, cancellation);
        }
    }
}
