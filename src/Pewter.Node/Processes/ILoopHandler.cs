using Pewter.Linux.Polling;

namespace Pewter.Node.Processes;

/// <summary>Something that <see cref="EventLoop"/> calls, always on the loop's thread.</summary>
internal interface ILoopHandler
{
    /// <summary>The descriptor is ready. May read, write, remove itself; must not wait.</summary>
    void OnReady(EpollEvents events);
}
