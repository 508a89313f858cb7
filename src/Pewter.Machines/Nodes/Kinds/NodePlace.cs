using System.Security.Cryptography;
using System.Text;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Nodes.Kinds;

/// <summary>Where the agents of one daemon and their sockets, cgroups and files are; no two daemons on a machine meet there. Immutable.</summary>
public sealed record NodePlace
{
    private const string AgentName = "pewter-node";

    private readonly string? _agentPath;

    private NodePlace(string? agentPath) => _agentPath = agentPath;

    /// <summary>Tells this daemon's names from another's.</summary>
    public required string Tag { get; init; }

    /// <summary>The directory of sockets.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>A directory that outlives the daemon.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The directory on this machine of the files that the nodes of an owner see.</summary>
    public required Func<string, string> FilesOf { get; init; }

    /// <summary>The whole tree, as a caller sees it: where other services are met.</summary>
    public required Func<Caller, TreeClient> Tree { get; init; }

    /// <summary>The agent's program.</summary>
    /// <exception cref="FileException">ENOENT: it is not there.</exception>
    public string AgentPath => _agentPath is not null && File.Exists(_agentPath) ? _agentPath : throw new FileException(
        Errno.ENOENT, $"the agent's program {_agentPath ?? AgentName} is not there; install it beside pewterd or name it in PEWTER_NODE.");

    /// <summary>The place of a daemon.</summary>
    public static NodePlace For(ServiceContext context, NodeServiceOptions options)
    {
        var run = Path.Combine(context.RunDirectory, "node");
        Directory.CreateDirectory(run);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(context.StateDirectory)));
        return new NodePlace(options.AgentPath ?? FindAgent())
        {
            Tag = $"pewter-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}",
            RunDirectory = run,
            StateDirectory = context.StateDirectory,
            Time = context.Time,
            FilesOf = context.FilesOf,
            Tree = caller => context.Client(caller),
        };
    }

    /// <summary>The socket of a node's agent.</summary>
    public string Socket(NodeRecord record) => Path.Combine(RunDirectory, $"{record.Id}.sock");

    private static string? FindAgent()
    {
        // Beside this program when installed, in a directory of its own when built from source.
        IEnumerable<string> near = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "..", AgentName)];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return Environment.GetEnvironmentVariable("PEWTER_NODE")
            ?? near.Concat(path).Select(directory => Path.GetFullPath(Path.Combine(directory, AgentName))).FirstOrDefault(File.Exists);
    }
}
