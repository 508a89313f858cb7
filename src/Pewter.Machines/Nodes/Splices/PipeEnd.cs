using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>One end of a pipe as a stream that waits without holding a thread.</summary>
internal static class PipeEnd
{
    /// <summary>Takes a descriptor over.</summary>
    public static PipeStream Open(int descriptor, PipeDirection direction) =>
        new AnonymousPipeClientStream(direction, new SafePipeHandle(descriptor, ownsHandle: true));
}
