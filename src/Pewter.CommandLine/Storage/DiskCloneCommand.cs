using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter disk clone</c>: more disks of what one holds now.</summary>
internal sealed class DiskCloneCommand : PewterCommand
{
    private readonly Argument<string> _disk = StoredObject.Disk.One();
    private readonly Option<int> _count = new("--count", "-n") { Description = "How many", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _name = new("--name") { Description = "A name; NAME-1, NAME-2 … when there are several" };

    public DiskCloneCommand(CommandHost host)
        : base(host, "clone", "Make disks of what a disk holds now; the disk goes on")
    {
        Add(_disk);
        Add(_count);
        Add(_name);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        List<string> words = ["clone", context.Value(_disk)!, string.Create(CultureInfo.InvariantCulture, $"count={context.Value(_count)}")];
        if (context.Value(_name) is { } name)
        {
            words.Add($"name={name}");
        }

        var replies = await TreeControl.SendAsync(context, ["/disk"], words);
        var code = TreeControl.Report(context, replies);
        await context.Output.ListAsync(DiskTable.Made, replies.Where(reply => reply.IsOk), context.Cancellation);
        return code;
    }
}
