using System.CommandLine;
using System.Globalization;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node restore</c>: machines that go on from a checkpoint.</summary>
internal sealed class NodeRestoreCommand : NodeControlCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "The checkpoint's name" };
    private readonly Option<int> _count = new("--count", "-n") { Description = "How many", HelpName = "N", DefaultValueFactory = _ => 1 };

    public NodeRestoreCommand(CommandHost host)
        : base(host, "restore", "Make machines that go on from a checkpoint")
    {
        Add(_name);
        Add(_count);
    }

    protected override (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context) => (
        [NodeArguments.Root],
        ["restore", context.Value(_name)!, string.Create(CultureInfo.InvariantCulture, $"n={context.Value(_count)}")]);
}
