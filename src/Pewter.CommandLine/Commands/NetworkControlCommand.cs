using System.CommandLine;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>A command that is one line to the ctl of a network, and what came of it.</summary>
internal abstract class NetworkControlCommand : PewterCommand
{
    private static readonly Table<CommandReply> Table = new Table<CommandReply>(reply => reply.Text("nic"))
        .Text("nic", reply => reply.Text("nic"))
        .Text("action", reply => reply.Text("action"))
        .Text("state", reply => reply.Text("state"))
        .Text("mac", reply => reply.Text("mac"))
        .Text("address", reply => reply.Text("address"))
        .Text("gateway", reply => reply.Text("gateway"))
        .Text("channel", reply => reply.Text("channel"))
        .Text("port", reply => reply.Text("port"));

    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    protected NetworkControlCommand(CommandHost host, string name, string description)
        : base(host, name, description) => Add(_dryRun);

    /// <summary>The network, and the words for its ctl.</summary>
    protected abstract (string Network, IReadOnlyList<string> Words) Line(CommandContext context);

    protected sealed override async ValueTask<int> RunAsync(CommandContext context)
    {
        var (network, words) = Line(context);
        var path = NetworkArguments.Path(network);
        if (context.Value(_dryRun))
        {
            context.Say($"would write to {path}/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var replies = await TreeControl.SendAsync(context, [path], words);
        var code = TreeControl.Report(context, replies);
        await (words[0] == "rm"
            ? context.Output.TextAsync(string.Concat(replies.Where(reply => reply.IsOk).Select(reply => reply.Target + "\n")), context.Cancellation)
            : context.Output.ListAsync(Table, replies.Where(reply => reply.IsOk), context.Cancellation));
        return code;
    }
}
