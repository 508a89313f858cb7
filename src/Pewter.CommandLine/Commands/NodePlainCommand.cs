using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary>A command that is one word to the ctl of nodes, such as <c>pewter node suspend</c>.</summary>
internal sealed class NodePlainCommand : NodeControlCommand
{
    private readonly string _word;
    private readonly Argument<string[]> _nodes = NodeArguments.Nodes();
    private readonly Option<string[]> _query = NodeArguments.Query();

    public NodePlainCommand(CommandHost host, string word, string description)
        : base(host, word, description)
    {
        _word = word;
        Add(_nodes);
        Add(_query);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) =>
        (NodeArguments.Paths(context.Value(_nodes), context.Value(_query)), [_word]);
}
