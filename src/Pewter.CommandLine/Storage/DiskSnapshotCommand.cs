using System.CommandLine;
using Pewter.CommandLine.Commands;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter disk snapshot</c>: prints the image that was made, whose name may have been chosen by the daemon.</summary>
internal sealed class DiskSnapshotCommand : PewterCommand
{
    private static readonly Table<CommandReply> Made = new Table<CommandReply>(reply => $"/image/{reply.Text("id")}")
        .Text("image", reply => reply.Text("id"))
        .Text("name", reply => reply.Text("image"))
        .Text("size", reply => StorageText.Value(reply.Line, "size"));

    private readonly Argument<string> _disk = StoredObject.Disk.One();
    private readonly Argument<string?> _name = new("NAME")
    {
        Description = "The image's name; one is made up when not given", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public DiskSnapshotCommand(CommandHost host)
        : base(host, "snapshot", "Freeze what a disk holds as an image; the disk goes on")
    {
        Add(_disk);
        Add(_name);
        Add(_dryRun);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var directory = StoredObject.Disk.Path(context.Value(_disk)!);
        string[] words = context.Value(_name) is { } name ? ["snapshot", name] : ["snapshot"];
        if (context.Value(_dryRun))
        {
            context.Say($"would write to {directory}/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var replies = await TreeControl.SendAsync(context, [directory], words);
        var code = TreeControl.Report(context, replies);
        await context.Output.ListAsync(Made, replies.Where(reply => reply.IsOk), context.Cancellation);
        return code;
    }
}
