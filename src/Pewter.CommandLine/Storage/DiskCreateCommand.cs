using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Commands;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter disk create</c>: disks of an image, or empty ones; all that were asked for, or none.</summary>
internal sealed class DiskCreateCommand : PewterCommand
{
    private readonly Option<string?> _image = new("--image", "-i") { Description = "The image they begin as; empty when not given" };
    private readonly Option<string?> _size = new("--size", "-s") { Description = "Their size, such as 20G; the image's when not given" };
    private readonly Option<int> _count = new("--count", "-n") { Description = "How many", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _name = new("--name") { Description = "A name; NAME-1, NAME-2 … when there are several" };
    private readonly Option<string[]> _tags = new("--tag", "-t") { Description = "A word to find them by", HelpName = "TAG" };
    private readonly Option<string?> _backing = new("--backing")
    {
        Description = "Where their blocks lie: layers (here) or rbd (the Ceph pool of disk.rbd)",
    };

    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public DiskCreateCommand(CommandHost host)
        : base(host, "create", "Make disks of an image, or empty ones; all or none")
    {
        foreach (var option in (Option[])[_image, _size, _count, _name, _tags, _backing, _dryRun])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        List<string> words = ["create", string.Create(CultureInfo.InvariantCulture, $"count={context.Value(_count)}")];
        foreach (var (key, option) in (ReadOnlySpan<(string, Option<string?>)>)
            [("image", _image), ("size", _size), ("name", _name), ("backing", _backing)])
        {
            if (context.Value(option) is { } value)
            {
                words.Add($"{key}={value}");
            }
        }

        if (context.Value(_tags) is { Length: > 0 } tags)
        {
            words.Add($"tag={string.Join(',', tags)}");
        }

        if (context.Value(_dryRun))
        {
            context.Say($"would write to /disk/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var replies = await TreeControl.SendAsync(context, ["/disk"], words);
        var code = TreeControl.Report(context, replies);
        await context.Output.ListAsync(DiskTable.Made, replies.Where(reply => reply.IsOk), context.Cancellation);
        return code;
    }
}
