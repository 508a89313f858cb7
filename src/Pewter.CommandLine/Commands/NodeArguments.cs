using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary>How the node commands name nodes: by id, by name, by path, or by a query over all of them.</summary>
internal static class NodeArguments
{
    public const string Root = "/node";

    public static Argument<string> Node() => new("NODE") { Description = "A node by id or name" };

    public static Argument<string[]> Nodes() =>
        new("NODE") { Description = "Nodes by id or name", Arity = ArgumentArity.ZeroOrMore };

    public static Argument<string> OptionalNode() =>
        new("NODE") { Description = "A node; all of them when not given", DefaultValueFactory = _ => "" };

    public static Option<string[]> Query() => new("--query", "-q")
    {
        Description = "Nodes for which all conditions hold, such as state=ready, mem>=4G, or a label", HelpName = "CONDITION",
    };

    /// <summary>The directory of a node.</summary>
    public static string Path(string node) => node.StartsWith('/') ? node : TreePath.Child(Root, node);

    /// <summary>The directory of the nodes for which all conditions hold.</summary>
    public static string Path(IReadOnlyList<string> conditions) => conditions.Count == 0 ? Root
        : $"{Root}/query/{string.Join('/', conditions)}";

    /// <summary>The directories that a command acts on: of each node, or of a query.</summary>
    public static IReadOnlyList<string> Paths(string[]? nodes, string[]? conditions) => (nodes ?? [], conditions ?? []) switch
    {
        ([], []) => throw new CommandException("name the nodes, or give a --query.", ExitCode.Usage),
        (var some, []) => [.. some.Select(Path)],
        ([], var query) => [Path(query)],
        _ => throw new CommandException("name the nodes or give a --query, not both.", ExitCode.Usage),
    };
}
