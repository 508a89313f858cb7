namespace Pewter.Node;

/// <summary>What an agent's tree shows.</summary>
public sealed record NodeTreeOptions
{
    /// <summary>The agent's version.</summary>
    public string Version { get; init; } = typeof(NodeTree).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>The directory behind <c>/fs</c>.</summary>
    public string FilesRoot { get; init; } = "/";

    /// <summary>What <c>stop</c>, <c>poweroff</c> and <c>reboot</c> on the node's ctl do, by their names.</summary>
    public IReadOnlyDictionary<string, Action> PowerActions { get; init; } = new Dictionary<string, Action>();

    /// <summary>Adds commands of its own to the node's ctl.</summary>
    public Action<Tree.CommandSet<NodeTree>>? MoreCommands { get; init; }
}
