using System.Net.Sockets;
using System.Runtime.InteropServices;
using Pewter.Linux.Processes;
using Pewter.NineP.Serving;
using Pewter.Node;
using Pewter.Node.Processes;
using Pewter.Node.Serving;
using Pewter.Node.Splices;
using Pewter.Tree;

namespace Pewter.Apps.Node;

/// <summary>A supervisor, its tree and its server, put together; the same in every mode.</summary>
internal sealed class Agent : IAsyncDisposable
{
    internal const int Stopped = 0;
    internal const int Restart = 75;

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<int> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _signals = [];

    internal Agent(SupervisorOptions options, string filesRoot, string? token, params ReadOnlySpan<string> powers)
        : this(options, filesRoot, token, null, powers)
    {
    }

    internal Agent(
        SupervisorOptions options, string filesRoot, string? token, Action<CommandSet<NodeTree>>? commands, params ReadOnlySpan<string> powers)
    {
        ProcessControl.Ignore(SignalNames.Parse("PIPE")!.Value);
        Supervisor = ProcessSupervisor.Open(options, TimeProvider.System);
        var actions = new Dictionary<string, Action>(StringComparer.Ordinal);
        foreach (var power in powers)
        {
            actions[power] = () => End(power == "restart" ? Restart : Stopped, power);
        }

        var tree = new NodeTreeOptions { FilesRoot = filesRoot, PowerActions = actions, MoreCommands = commands };
        Tree = new NodeTree(Supervisor, tree, TimeProvider.System);
        Server = new AgentServer(new AgentAttachPoint(Tree.Root, token), TimeProvider.System, new SpliceDoor(Tree.Sessions));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            End(Stopped, "stop");
        }));
    }

    internal ProcessSupervisor Supervisor { get; }

    internal NodeTree Tree { get; }

    internal AgentServer Server { get; }

    /// <summary>What ended it: <c>stop</c>, <c>restart</c>, <c>poweroff</c> or <c>reboot</c>.</summary>
    internal string Reason { get; private set; } = "";

    /// <summary>Ends with the exit code when somebody has asked for the end.</summary>
    internal Task<int> Over => _over.Task;

    /// <summary>Serves on a listening socket that was inherited.</summary>
    internal void Listen(int descriptor, Caller? everybody = null) =>
        Server.Listen(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)), everybody);

    /// <summary>Waits for the end, then ends the processes too, unless the agent only makes way for the next.</summary>
    internal async Task<int> RunAsync()
    {
        var code = await Over;
        if (code != Restart)
        {
            await Supervisor.StopAllAsync(StopGrace, CancellationToken.None);
        }

        return code;
    }

    /// <summary>Ends at once what an earlier agent has left.</summary>
    internal Task<int> EndAsync()
    {
        End(Stopped, "stop");
        return RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _signals.ForEach(signal => signal.Dispose());
        await Server.DisposeAsync();
        await Tree.DisposeAsync();
        Supervisor.Dispose();
    }

    private void End(int code, string reason)
    {
        Reason = reason;
        _over.TrySetResult(code);
    }
}
