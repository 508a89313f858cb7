using System.IO.Pipelines;

namespace Pewter.NineP.Transport;

/// <summary>One end of a connection inside the process, with the back-pressure of a socket.</summary>
public sealed class MemoryTransport : IDuplexPipe
{
    private MemoryTransport(PipeReader input, PipeWriter output)
    {
        Input = input;
        Output = output;
    }

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output { get; }

    /// <summary>Makes both ends of a connection that holds up to 1 MiB each way, about what a Unix socket with large messages does.</summary>
    public static (MemoryTransport One, MemoryTransport Other) CreatePair()
    {
        var options = new PipeOptions(
            pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, minimumSegmentSize: 16 * 1024, useSynchronizationContext: false);
        var there = new Pipe(options);
        var back = new Pipe(options);
        return (new MemoryTransport(back.Reader, there.Writer), new MemoryTransport(there.Reader, back.Writer));
    }
}
