using Pewter.Hosting;
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
            for (var left = options.BeatInterval; left > TimeSpan.Zero; left -= SilenceWatch.Slice)
            {
                await Task.Delay(left < SilenceWatch.Slice ? left : SilenceWatch.Slice, time, cancellation);
                life.Pass();
            }
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
            try
            {
                await read.WaitAsync(SilenceWatch.Slice, time, cancellation);
            }
            catch (TimeoutException) when (life.Pass() < options.DeadAfter)
            {
                // Something else may have come meanwhile, or this process was late itself.
            }
            catch (TimeoutException)
            {
                Observe(read);
                throw new FileException(Errno.ETIMEDOUT, FormattableString.Invariant($"no sign of life for {life.Silence.TotalSeconds:0.0} s"));
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
