using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary>
/// <c>pewter image quota</c>: how many bytes of images and disks a user may have; without a user, those that differ from the default.
/// </summary>
internal sealed class ImageQuotaCommand : PewterCommand
{
    private readonly Argument<string?> _user = new("USER") { Description = "The user; all when not given", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string?> _size = new("SIZE") { Description = "Such as 500G; 'default' takes it back", Arity = ArgumentArity.ZeroOrOne };

    public ImageQuotaCommand(CommandHost host)
        : base(host, "quota", "Show quotas, or give a user one")
    {
        Add(_user);
        Add(_size);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        if (context.Value(_user) is not { } user || context.Value(_size) is not { } size)
        {
            var tree = await context.ConnectAsync();
            var lines = (await tree.TextAsync("/image/quota", context.Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var wanted = context.Value(_user) is { } one ? lines.Where(line => line.StartsWith(one + " ", StringComparison.Ordinal)) : lines;
            await context.Output.TextAsync(string.Concat(wanted.Select(line => line + "\n")), context.Cancellation);
            return ExitCode.Ok;
        }

        return TreeControl.Report(
            context, await TreeControl.SendAsync(context, ["/image"], size == "default" ? ["quota", user] : ["quota", user, size]));
    }
}
