using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node fork</c>: copies of a running machine, all that were asked for or none.</summary>
internal sealed class NodeForkCommand : PewterCommand
{
    private static readonly Table<CommandReply> Table = new Table<CommandReply>(reply => reply.Target)
        .Text("node", reply => reply.Text("id"))
        .Text("name", reply => reply.Text("name"))
        .Text("state", reply => reply.Text("state"));

    private readonly Argument<string> _node = NodeArguments.Node();
    private readonly Option<int> _count = new("--count", "-n") { Description = "How many", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _name = new("--name") { Description = "A name; NAME-1, NAME-2 … when there are several" };
    private readonly Option<string?> _lease = new("--lease") { Description = "Release them after this time unless it is renewed", HelpName = "TIME" };
    private readonly Option<string[]> _labels = new("--label", "-l") { Description = "A label such as gpu or rack=3", HelpName = "LABEL" };

    public NodeForkCommand(CommandHost host)
        : base(host, "fork", "Copy a running machine with all that runs in it, in a tenth of a second each")
    {
        Add(_node);
        Add(_count);
        Add(_name);
        Add(_lease);
        Add(_labels);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var words = new List<string> { "fork", string.Create(CultureInfo.InvariantCulture, $"n={context.Value(_count)}") };
        words.AddRange(context.Value(_name) is { } name ? [$"name={name}"] : []);
        words.AddRange(context.Value(_lease) is { } lease ? [$"lease={lease}"] : []);
        words.AddRange(context.Value(_labels) ?? []);
        var replies = await TreeControl.SendAsync(context, [NodeArguments.Path(context.Value(_node)!)], words);
        var code = TreeControl.Report(context, replies);
        await context.Output.ListAsync(Table, replies.Where(reply => reply.IsOk), context.Cancellation);
        return code;
    }
}
