using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>A command that is one line to the ctl of one or more nodes.</summary>
internal abstract class NodeControlCommand : PewterCommand
{
    private readonly System.CommandLine.Option<bool> _dryRun = TreeArguments.DryRun();

    protected NodeControlCommand(CommandHost host, string name, string description)
        : base(host, name, description) => Add(_dryRun);

    /// <summary>The directories whose ctl is written to, and the words.</summary>
    protected abstract (IReadOnlyList<string> Directories, IReadOnlyList<string> Words) Line(CommandContext context);

    /// <summary>What is printed of one that was done.</summary>
    protected virtual string Done(CommandReply reply) => reply.Target + "\n";

    protected sealed override async ValueTask<int> RunAsync(CommandContext context)
    {
        var (directories, words) = Line(context);
        if (context.Value(_dryRun))
        {
            foreach (var directory in directories)
            {
                context.Say($"would write to {directory}/ctl: {RcQuoting.Join(words)}");
            }

            return ExitCode.Ok;
        }

        var replies = await TreeControl.SendAsync(context, directories, words);
        var done = replies.Where(reply => reply.IsOk).Select(Done);
        await context.Output.TextAsync(string.Concat(done), context.Cancellation);
        return TreeControl.Report(context, replies, directories.Count);
    }
}
