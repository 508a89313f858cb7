using Pewter.Execution;
using Pewter.Hosting;
using Pewter.Machines;

namespace Pewter.Daemon;

/// <summary>The services of a daemon, in the order of their starts. A new one is a line here.</summary>
internal static class ServiceList
{
    public static IReadOnlyList<IService> Create() => [new NodeService(), new ExecutionService()];
}
