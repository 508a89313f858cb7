using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node label</c>: adds labels to a node and takes some away.</summary>
internal sealed class NodeLabelCommand : NodeControlCommand
{
    private readonly Argument<string> _node = NodeArguments.Node();
    private readonly Argument<string[]> _labels = new("LABEL") { Description = "Labels to add", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string[]> _remove = new("--remove", "-r") { Description = "A label to take away", HelpName = "LABEL" };

    public NodeLabelCommand(CommandHost host)
        : base(host, "label", "Add labels to a node, or take them away")
    {
        Add(_node);
        Add(_labels);
        Add(_remove);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context)
    {
        IReadOnlyList<string> words = [.. context.Value(_labels) ?? [], .. (context.Value(_remove) ?? []).Select(label => "-" + label)];
        return words.Count == 0
            ? throw new CommandException("give labels to add, or --remove LABEL.", ExitCode.Usage)
            : ([NodeArguments.Path(context.Value(_node)!)], ["label", .. words]);
    }
}
