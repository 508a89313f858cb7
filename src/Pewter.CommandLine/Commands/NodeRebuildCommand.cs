using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node rebuild</c>: builds machines anew, of their image or another.</summary>
internal sealed class NodeRebuildCommand : NodeControlCommand
{
    private readonly Argument<string[]> _nodes = NodeArguments.Nodes();
    private readonly Option<string[]> _query = NodeArguments.Query();
    private readonly Option<string?> _image = new("--image") { Description = "Another image", HelpName = "IMAGE" };

    public NodeRebuildCommand(CommandHost host)
        : base(host, "rebuild", "Build machines anew; id, name and networks stay")
    {
        Add(_nodes);
        Add(_query);
        Add(_image);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) => (
        NodeArguments.Paths(context.Value(_nodes), context.Value(_query)),
        context.Value(_image) is { } image ? ["rebuild", image] : ["rebuild"]);
}
