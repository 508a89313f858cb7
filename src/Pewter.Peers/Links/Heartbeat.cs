using Pewter.NineP;
using Pewter.NineP.Client;

namespace Pewter.Peers.Links;

/// <summary>
/// Reads the beat at the other end again and again, and gives the link up after a silence. Whatever else comes is a sign of life too.
/// </summary>
internal sealed class Heartbeat(PeerOptions options, SignOfLife life, TimeProvider time)
{
    /// <summary>Runs until the link is dead (ETIMEDOUT), broken (any other failure) or the token fires.</summary>
    public async Task RunAsync(NineFile beat, Action<Beat> heard, CancellationToken cancellation)
    {
        while (true)
        {
            heard(await OnceAsync(beat, cancellation));
            await Task.Delay(options.BeatInterval, time, cancellation);
        }
    }

    /// <summary>One exchange; ETIMEDOUT when nothing at all has come for too long.</summary>
    public async Task<Beat> OnceAsync(NineFile beat, CancellationToken cancellation)
    {
        var buffer = new byte[Beat.MaxBytes];

        // Not cancelled with the token: a flush would wait for the same silent peer. It ends with the connection, which the caller closes.
        var read = beat.ReadAsync(0, buffer, CancellationToken.None).AsTask();
        while (!read.IsCompleted)
        {
            var patience = options.DeadAfter - life.Silence;
            if (patience <= TimeSpan.Zero)
            {
                Observe(read);
                throw new FileException(Errno.ETIMEDOUT, FormattableString.Invariant($"no sign of life for {life.Silence.TotalSeconds:0.0} s"));
            }

            try
            {
                await read.WaitAsync(patience, time, cancellation);
            }
            catch (TimeoutException)
            {
                // Something else may have come meanwhile; that is looked at next.
            }
            catch (OperationCanceledException)
            {
                Observe(read);
                throw;
            }
        }

        var count = await read;
        life.Note();
        return Beat.Read(buffer.AsSpan(0, count));
    }

    private static void Observe(Task abandoned) => abandoned.ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
