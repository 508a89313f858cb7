using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node rename</c>: binds a name to a node, or unbinds it.</summary>
internal sealed class NodeRenameCommand : NodeControlCommand
{
    private readonly Argument<string> _node = NodeArguments.Node();
    private readonly Argument<string?> _name = new("NAME") { Description = "The new name; none when not given", Arity = ArgumentArity.ZeroOrOne };

    public NodeRenameCommand(CommandHost host)
        : base(host, "rename", "Bind a name to a node, or unbind it")
    {
        Add(_node);
        Add(_name);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) =>
        ([NodeArguments.Path(context.Value(_node)!)], context.Value(_name) is { } name ? ["rename", name] : ["rename"]);
}
