namespace Pewter.Apps.Node;

/// <summary>The options of an agent on a host.</summary>
internal sealed record AgentArguments
{
    internal const string Usage = """
        usage: pewter-node MODE [option=value]…
          host   a daemon: --state=DIR [--socket=PATH] [--name=NAME] [--fs=DIR] [--listen=ADDRESS:PORT --token-file=FILE] [--detach]
          stdio  one connection on stdin and stdout: --state=DIR
          cell   process 1 of a cell; started by its launcher
          init   process 1 of a machine; serves on the virtio port org.pewter.agent, or under TLS where its network has a seed for it
          guest  a service of a machine that has an init of its own; serves as 'init' does
          install [--root=DIR]  puts this program into a system, as a service that its init starts
        """;

    /// <summary>Where journal, spools, labels and the socket are.</summary>
    internal required string State { get; init; }

    internal string Socket { get; init; } = "";

    /// <summary>Tells the cgroups of several agents on one machine apart.</summary>
    internal string Name { get; init; } = "host";

    internal string FilesRoot { get; init; } = "/";

    internal string? Listen { get; init; }

    internal string? TokenFile { get; init; }

    internal bool Detach { get; init; }

    /// <summary>Started by --detach, with a pipe that ends when it serves.</summary>
    internal bool IsDetached { get; init; }

    /// <summary>Started only to end what an agent that died in ending has left.</summary>
    internal bool IsEnding { get; init; }

    internal string OrphanRecords => Path.Join(State, "orphans");

    internal IEnumerable<string> ToWorkerArguments()
    {
        yield return $"--state={State}";
        yield return $"--socket={Socket}";
        yield return $"--name={Name}";
        yield return $"--fs={FilesRoot}";
        if (Listen is not null)
        {
            yield return $"--listen={Listen}";
            yield return $"--token-file={TokenFile}";
        }
    }

    /// <summary>Reads the options; every wrong one is named at once.</summary>
    internal static AgentArguments Parse(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var argument in arguments)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            if (name is "--state" or "--socket" or "--name" or "--fs" or "--listen" or "--token-file" or "--detach" or "--detached" or "--ending")
            {
                values[name] = equals < 0 ? "" : argument[(equals + 1)..];
            }
            else
            {
                wrong.Add($"There is no option '{name}'.");
            }
        }

        if (!values.TryGetValue("--state", out var state))
        {
            wrong.Add("--state=DIR is missing: the directory that outlives the agent.");
        }

        if (values.ContainsKey("--listen") != values.ContainsKey("--token-file"))
        {
            wrong.Add("--listen and --token-file go together: nobody on a network is trusted without a token.");
        }

        return wrong.Count > 0 ? throw new ArgumentException(string.Join('\n', wrong) + "\n" + Usage) : From(values, Path.GetFullPath(state!));
    }

    private static AgentArguments From(Dictionary<string, string> values, string state) => new()
    {
        State = state,
        Socket = values.GetValueOrDefault("--socket", Path.Join(state, "agent.sock")),
        Name = values.GetValueOrDefault("--name", "host"),
        FilesRoot = values.GetValueOrDefault("--fs", "/"),
        Listen = values.GetValueOrDefault("--listen"),
        TokenFile = values.GetValueOrDefault("--token-file"),
        Detach = values.ContainsKey("--detach"),
        IsEnding = values.ContainsKey("--ending"),
        IsDetached = values.ContainsKey("--detached"),
    };
}
