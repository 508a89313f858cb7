using System.IO.Pipelines;

namespace Pewter.Peers.Links;

/// <summary>A duplex pipe of two halves.</summary>
internal sealed record LinkPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe
{
    /// <summary>1 MiB each way, as a socket has: a stalled end holds no more.</summary>
    public static PipeOptions Options { get; } =
        new(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, minimumSegmentSize: 16 * 1024, useSynchronizationContext: false);
}
