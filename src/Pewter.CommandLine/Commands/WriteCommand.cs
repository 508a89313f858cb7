using System.CommandLine;
using System.Text;
using Pewter.CommandLine.Trees;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter write</c>: data into a file. On <c>ctl</c> and <c>clone</c> the results are read back from the same open, one line a command and
/// target, and a failure among them is a failure here.
/// </summary>
internal sealed class WriteCommand : PewterCommand
{
    private readonly Argument<string> _path = TreeArguments.Path("A file of the tree");
    private readonly Argument<string[]> _data = new("DATA")
    {
        Description = "What to write, with a newline behind it; standard input when not given", Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> _wait = new("--wait")
    {
        Description = "Then wait until the object is in STATE (ready: its end)", HelpName = "STATE", Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> _append = new("--append", "-a") { Description = "Write at the end of a file" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public WriteCommand(CommandHost host)
        : base(host, "write", "Write to a file of the tree, or command an object by its ctl")
    {
        Add(_path);
        Add(_data);
        Add(_wait);
        Add(_append);
        Add(_dryRun);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var data = await DataAsync(context);
        var tree = await context.ConnectAsync();
        var entry = await tree.FindAsync(context.Value(_path)!, context.Cancellation);
        if (entry.IsDirectory)
        {
            var inside = TreePath.Child(entry.Path, "ctl");
            throw new FileException(Errno.EISDIR, $"{entry.Path} is a directory; write to a file in it, such as {inside}.");
        }

        if (context.Value(_dryRun))
        {
            context.Say($"would write {data.Length} bytes to {entry.Path}");
            return ExitCode.Ok;
        }

        return entry.Name is "ctl" or "clone" ? await CommandAsync(context, tree, entry, data) : await PlainAsync(context, tree, entry, data);
    }

    private async ValueTask<byte[]> DataAsync(CommandContext context)
    {
        if (context.Value(_data) is { Length: > 0 } words)
        {
            return Encoding.UTF8.GetBytes(string.Join(' ', words) + "\n");
        }

        using var buffer = new MemoryStream();
        await context.Host.Input.CopyToAsync(buffer, context.Cancellation);
        return buffer.ToArray();
    }

    private async ValueTask<int> PlainAsync(CommandContext context, TreeClient tree, FoundFile entry, byte[] data)
    {
        var flags = OpenFlags.WriteOnly | (context.Value(_append) ? OpenFlags.Append : OpenFlags.Truncate);
        await using var open = await tree.OpenAsync(entry.File, flags, context.Cancellation);
        open.Offset = context.Value(_append) ? entry.Stat.Size : 0;
        await open.WriteAsync(data, context.Cancellation);
        return context.Has(_wait) ? await WaitAsync(context, tree, TreePath.Parent(entry.Path)) : ExitCode.Ok;
    }

    private async ValueTask<int> CommandAsync(CommandContext context, TreeClient tree, FoundFile entry, byte[] data)
    {
        // A new object lives while this open does, so that --wait comes before the end of it.
        await using var open = await tree.OpenAsync(entry.File, OpenFlags.ReadWrite, context.Cancellation);
        var directory = TreePath.Parent(entry.Path);
        if (entry.Name == "clone")
        {
            var id = (await open.ReadTextAsync(context.Cancellation)).Trim();
            directory = TreePath.Child(directory, id);
            await context.Output.TextAsync((context.Output.Format == Output.OutputFormat.Name ? directory : id) + "\n", context.Cancellation);
        }

        FileException? failure = null;
        try
        {
            await open.WriteAsync(data, context.Cancellation);
        }
        catch (FileException exception)
        {
            // The write's own error says that something failed; the read-back says what, for each command and target.
            failure = exception;
        }

        var failed = PrintResults(context, CommandReply.Parse(Encoding.UTF8.GetString(await open.ReadToEndAsync(context.Cancellation))));
        if (failure is not null && failed == 0)
        {
            throw failure;
        }

        return failure is not null || failed != 0 ? ExitCode.Failed : context.Has(_wait) ? await WaitAsync(context, tree, directory) : ExitCode.Ok;
    }

    private static int PrintResults(CommandContext context, IReadOnlyList<CommandReply> replies)
    {
        foreach (var reply in replies)
        {
            if (!reply.IsOk)
            {
                context.Complain($"{reply.Target}: {reply.Error}");
            }
            else if (context.Output.Format == Output.OutputFormat.Json)
            {
                context.Host.Output.Write(Encoding.UTF8.GetBytes(reply.Line.GetRawText() + "\n"));
            }
        }

        return replies.Count(reply => !reply.IsOk);
    }

    private async ValueTask<int> WaitAsync(CommandContext context, TreeClient tree, string directory)
    {
        var entry = await tree.FindAsync(TreePath.Child(directory, "wait"), context.Cancellation);
        await using var open = await tree.OpenAsync(entry.File, OpenFlags.ReadWrite, context.Cancellation);
        if (context.Value(_wait) is { Length: > 0 } state)
        {
            await open.WriteTextAsync(state + "\n", context.Cancellation);
        }

        await context.Output.TextAsync(Encoding.UTF8.GetString(await open.ReadToEndAsync(context.Cancellation)), context.Cancellation);
        return ExitCode.Ok;
    }
}
