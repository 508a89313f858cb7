using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter image gc</c>: frees what no image and no disk needs any more, beside disks in use.</summary>
internal sealed class ImageCollectCommand(CommandHost host)
    : PewterCommand(host, "gc", "Free what no image and no disk needs any more; disks in use go on")
{
    private static readonly Table<long> Table = new Table<long>(freed => $"{freed}").Number("freed", freed => freed, Bytes.Text);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var replies = await TreeControl.SendAsync(context, ["/image"], ["gc"]);
        var code = TreeControl.Report(context, replies);
        if (code == ExitCode.Ok)
        {
            await context.Output.OneAsync(Table, replies[0].Line.GetProperty("freed").GetInt64(), context.Cancellation);
        }

        return code;
    }
}
