using System.Net;
using System.Net.Sockets;
using Pewter.Linux;
using Pewter.Node.Processes;

namespace Pewter.Apps.Node;

/// <summary>The agent of a host: the guardian's only child of its own, which it starts again when it dies.</summary>
internal static class HostMode
{
    private const long SpoolBytes = 64L << 20;

    internal static async Task<int> RunAsync(AgentArguments arguments)
    {
        var options = new SupervisorOptions
        {
            StateDirectory = arguments.State,
            CgroupName = Environment.IsPrivilegedProcess ? $"pewter-{arguments.Name}" : null,
            OrphanRecords = arguments.OrphanRecords,
            Output = new OutputLimits { SpoolBytes = SpoolBytes },
        };
        var token = arguments.TokenFile is null ? null : (await File.ReadAllTextAsync(arguments.TokenFile)).Trim();
        await using var agent = new Agent(options, arguments.FilesRoot, token, "stop", "restart");
        if (arguments.IsEnding)
        {
            return await agent.EndAsync();
        }

        agent.Listen(Guardian.ListenDescriptor);
        if (arguments.Listen is { } address)
        {
            var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(IPEndPoint.Parse(address));
            listener.Listen();
            agent.Server.Listen(listener);
        }

        Descriptors.Close(Guardian.ReadyDescriptor);
        return await agent.RunAsync();
    }
}
