using System.Globalization;
using Pewter.Sdk;

namespace Pewter.CommandLine.Running;

/// <summary>
/// How the processes of a group are called in front of their output: by their node, and with their number where a node has several.
/// </summary>
internal sealed class ProcessLabels
{
    private readonly string[] _names;

    public ProcessLabels(IReadOnlyList<Process> members)
    {
        var isShared = members.GroupBy(member => member.Node).Any(node => node.Count() > 1);
        _names = [.. members.Select(member => isShared ? string.Create(CultureInfo.InvariantCulture, $"{NodeOf(member)}/{member.Index}")
            : NodeOf(member))];
        Width = _names.Max(name => name.Length);
    }

    /// <summary>The longest.</summary>
    public int Width { get; }

    /// <summary>The label of a process.</summary>
    public string this[int index] => _names[index];

    /// <summary>A node in short: <c>n3</c> for <c>/node/n3</c>, <c>b/n3</c> for <c>/peer/b/node/n3</c>.</summary>
    public static string NodeOf(Process process) => ShortOf(process.Node ?? "");

    /// <summary>The short name of a node's directory.</summary>
    public static string ShortOf(string node) =>
        node.Replace("/node/", "/", StringComparison.Ordinal).Replace("/peer/", "/", StringComparison.Ordinal).TrimStart('/');
}
