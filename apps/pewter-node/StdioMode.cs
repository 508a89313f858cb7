using Microsoft.Win32.SafeHandles;
using Pewter.Node.Processes;

namespace Pewter.Apps.Node;

/// <summary>An agent for the length of one connection on stdin and stdout: over ssh, or in a test.</summary>
internal static class StdioMode
{
    internal static async Task<int> RunAsync(AgentArguments arguments)
    {
        var options = new SupervisorOptions
        {
            StateDirectory = arguments.State,
            CgroupName = Environment.IsPrivilegedProcess ? $"pewter-{arguments.Name}-{Environment.ProcessId}" : null,
        };
        await using var agent = new Agent(options, arguments.FilesRoot, null);
        await using var both = new DuplexStream(Standard(0, FileAccess.Read), Standard(1, FileAccess.Write));
        await Task.WhenAny(agent.Server.ServeAsync(both), agent.Over);
        await agent.Supervisor.StopAllAsync(TimeSpan.Zero, CancellationToken.None);
        return 0;
    }

    private static FileStream Standard(int descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);
}
