using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node power</c>: the power switch of machines.</summary>
internal sealed class NodePowerCommand : NodeControlCommand
{
    private readonly Argument<string> _what = new("WHAT") { Description = "on, off, cycle or status" };
    private readonly Argument<string[]> _nodes = NodeArguments.Nodes();
    private readonly Option<string[]> _query = NodeArguments.Query();
    private readonly Option<string?> _grace = new("--grace") { Description = "Let it end by itself first, for so long at most", HelpName = "TIME" };

    public NodePowerCommand(CommandHost host)
        : base(host, "power", "Turn machines on or off, or see whether they are")
    {
        _what.AcceptOnlyFromAmong("on", "off", "cycle", "status");
        Add(_what);
        Add(_nodes);
        Add(_query);
        Add(_grace);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) => (
        NodeArguments.Paths(context.Value(_nodes), context.Value(_query)),
        context.Value(_grace) is { } grace ? ["power", context.Value(_what)!, $"grace={grace}"] : ["power", context.Value(_what)!]);

    protected override string Done(Tree.CommandReply reply) => $"{reply.Target} {reply.Text("power")}\n";
}
