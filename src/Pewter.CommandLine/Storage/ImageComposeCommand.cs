using System.CommandLine;
using Pewter.CommandLine.Commands;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter image compose</c>: makes an image from packages, from a directory, or one of those that are built in.</summary>
internal sealed class ImageComposeCommand : PewterCommand
{
    private readonly Argument<string?> _name = new("NAME") { Description = "The image's name", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _builtIn = new("--builtin", "-b")
    {
        Description = "tiny: agent and busybox, in memory; debian: a disk that boots",
    };

    private readonly Option<string[]> _packages = new("--package", "-p") { Description = "A Debian package", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _directory = new("--directory", "-d") { Description = "A directory whose files are in it" };
    private readonly Option<bool> _memory = new("--ram") { Description = "Diskless: all of it is an initramfs" };
    private readonly Option<string?> _size = new("--size", "-s") { Description = "The disk's size, such as 4G" };
    private readonly Option<string?> _suite = new("--suite") { Description = "The release of Debian" };
    private readonly Option<string?> _mirror = new("--mirror") { Description = "Where packages come from", HelpName = "URL" };
    private readonly Option<string?> _cmdline = new("--cmdline") { Description = "The kernel's command line" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public ImageComposeCommand(CommandHost host)
        : base(host, "compose", "Make an image from packages or a directory, or one that is built in")
    {
        Add(_name);
        foreach (var option in (Option[])[_builtIn, _packages, _directory, _memory, _size, _suite, _mirror, _cmdline, _dryRun])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var words = Words(context);
        if (context.Value(_dryRun))
        {
            context.Say($"would write to /image/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var name = context.Value(_name) ?? context.Value(_builtIn)!;
        var replies = await TransferFollower.FollowAsync(context, name, TreeControl.SendAsync(context, ["/image"], words).AsTask());
        return await ImageReport.PrintAsync(context, replies);
    }

    private List<string> Words(CommandContext context)
    {
        var packages = context.Value(_packages) ?? [];
        var directory = context.Value(_directory);
        var what = context.Value(_builtIn) ?? (packages.Length > 0 ? "packages" : directory is not null ? "directory"
            : throw new CommandException("say what of: --builtin tiny, --package NAME…, or --directory DIR.", ExitCode.Usage));
        if (what is "packages" or "directory" && context.Value(_name) is null)
        {
            throw new CommandException("give the image a name.", ExitCode.Usage);
        }

        List<string> words = ["compose", what];
        if (context.Value(_name) is { } name)
        {
            words.Add(name);
        }

        foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)
            [
                ("packages", packages.Length > 0 ? string.Join(',', packages) : null),
                ("directory", directory is null ? null : Path.GetFullPath(directory)),
                ("ram", context.Value(_memory) ? "yes" : null),
                ("size", context.Value(_size)), ("suite", context.Value(_suite)), ("mirror", context.Value(_mirror)),
                ("cmdline", context.Value(_cmdline)),
            ])
        {
            if (value is not null)
            {
                words.Add($"{key}={value}");
            }
        }

        return words;
    }
}
