using System.CommandLine;
using Pewter.CommandLine.Commands;
using Pewter.CommandLine.Trees;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary>
/// <c>pewter image import</c>: from a file, a directory, an archive, an OCI layout, an address of HTTP, or '-' for what is piped in; a
/// kernel with its
/// initramfs by <c>--kernel</c>. What the daemon can read itself it reads; the rest is sent through the tree.
/// </summary>
internal sealed class ImageImportCommand : PewterCommand
{
    private readonly Argument<string?> _source = new("SOURCE")
    {
        Description = "A file, a directory, an address of HTTP, or '-'; not with --kernel and without a disk", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _name = new("--name") { Description = "The image's name; the file's without its ending when not given" };
    private readonly Option<string?> _format = new("--format")
    {
        Description = "raw, qcow2, tar, dir, oci or what qemu-img knows; found out when not given",
    };

    private readonly Option<string?> _digest = new("--sha256") { Description = "The digest it must have", HelpName = "HEX" };
    private readonly Option<string?> _kernel = new("--kernel") { Description = "A kernel that it is booted with", HelpName = "FILE" };
    private readonly Option<string?> _initrd = new("--initrd") { Description = "The initramfs of the kernel", HelpName = "FILE" };
    private readonly Option<string?> _cmdline = new("--cmdline") { Description = "The kernel's command line" };
    private readonly Option<string[]> _tags = new("--tag", "-t") { Description = "A word to find it by", HelpName = "TAG" };
    private readonly Option<bool> _public = new("--public") { Description = "Let everybody use it" };
    private readonly Option<bool> _send = new("--send") { Description = "Send it through the tree even if the daemon could read it" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public ImageImportCommand(CommandHost host)
        : base(host, "import", "Take an image in: a disk of any format, a directory, an archive, a kernel")
    {
        Add(_source);
        foreach (var option in (Option[])[_name, _format, _digest, _kernel, _initrd, _cmdline, _tags, _public, _send, _dryRun])
        {
            Add(option);
        }
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var source = context.Value(_source);
        var name = context.Value(_name) ?? NameOf(source ?? context.Value(_kernel)
            ?? throw new CommandException("name a file, an address, '-' or a --kernel.", ExitCode.Usage));
        var isSent = source == "-" || (source is not null && !IsAddress(source) && (context.Value(_send) || !context.Host.IsRoot));
        if (isSent)
        {
            return await SendAsync(context, source!, name);
        }

        var words = Words(context, source, name);
        if (context.Value(_dryRun))
        {
            context.Say($"would write to /image/ctl: {RcQuoting.Join(words)}");
            return ExitCode.Ok;
        }

        var replies = await TransferFollower.FollowAsync(context, name, TreeControl.SendAsync(context, ["/image"], words).AsTask());
        return await ImageReport.PrintAsync(context, replies);
    }

    private static bool IsAddress(string source) =>
        source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal);

    private static string NameOf(string source) => source == "-"
        ? throw new CommandException("what is piped in needs a --name.", ExitCode.Usage)
        : Path.GetFileName(source.TrimEnd('/').Split('?')[0]).Split('.')[0];

    private List<string> Words(CommandContext context, string? source, string name)
    {
        string? Full(Option<string?> option) => context.Value(option) is { } path ? Path.GetFullPath(path) : null;
        List<string> words = source is null
            ? ["import-kernel", Full(_kernel)!, name]
            : ["import", IsAddress(source) ? source : Path.GetFullPath(source), name];
        Put(words, "kernel", source is null ? null : Full(_kernel));
        Put(words, "initrd", Full(_initrd));
        Put(words, "cmdline", context.Value(_cmdline));
        Common(context, words, source is not null);
        return words;
    }

    private void Common(CommandContext context, List<string> words, bool isDisk)
    {
        Put(words, "format", isDisk ? context.Value(_format) : null);
        Put(words, "sha256", isDisk ? context.Value(_digest) : null);
        Put(words, "public", context.Value(_public) ? "yes" : null);
        Put(words, "tag", context.Value(_tags) is { Length: > 0 } tags ? string.Join(',', tags) : null);
    }

    private static void Put(List<string> words, string key, string? value)
    {
        if (value is not null)
        {
            words.Add($"{key}={value}");
        }
    }

    private async ValueTask<int> SendAsync(CommandContext context, string source, string name)
    {
        var tree = await context.ConnectAsync();
        await using var content = source == "-" ? context.Host.Input : File.OpenRead(source);
        var (id, ctl) = await tree.CloneAsync("/image", context.Cancellation);
        await using (ctl)
        {
            var sent = await SendAsync(context, tree, content, id, name);
            List<string> words = ["import", name, $"length={sent}"];
            Common(context, words, isDisk: true);
            var import = ctl.TryCommandAsync(RcQuoting.Join(words), context.Cancellation).AsTask();
            var replies = await TransferFollower.FollowAsync(context, name, import);
            return await ImageReport.PrintAsync(context, replies);
        }
    }

    private static async ValueTask<long> SendAsync(CommandContext context, TreeClient tree, Stream content, string id, string name)
    {
        const int PieceBytes = 1 << 20;
        var (piece, sent, started) = (new byte[PieceBytes], 0L, context.Host.Time.GetTimestamp());
        long? total = content.CanSeek ? content.Length : null;
        await using var data = await tree.OpenAsync($"/image/{id}/data", OpenFlags.WriteOnly, context.Cancellation);
        while (await content.ReadAtLeastAsync(piece, PieceBytes, throwOnEndOfStream: false, context.Cancellation) is > 0 and var count)
        {
            await data.WriteAsync(piece.AsMemory(0, count), context.Cancellation);
            sent += count;
            TransferFollower.Show(context, TransferFollower.Line(name, "send", sent, total, context.Host.Time.GetElapsedTime(started)));
        }

        return sent;
    }
}
