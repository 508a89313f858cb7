using System.CommandLine;
using Pewter.CommandLine.Trees;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter tail</c>: the last lines of a file, and of a stream each new one as it comes.</summary>
internal sealed class TailCommand : PewterCommand
{
    /// <summary>A stream that says nothing for so long has told what it had; what comes later is news.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private readonly Argument<string> _path = TreeArguments.Path("A file of the tree; a stream is followed until it ends");
    private readonly Option<int> _lines = new("--lines", "-n")
    {
        Description = "How many lines of what is there already", DefaultValueFactory = _ => 10,
    };

    public TailCommand(CommandHost host)
        : base(host, "tail", "Print the end of a file and follow a stream")
    {
        Add(_path);
        Add(_lines);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var entry = await tree.FindAsync(context.Value(_path)!, context.Cancellation);
        await using var open = await tree.OpenAsync(entry.File, OpenFlags.ReadOnly, context.Cancellation);
        var backlog = new Queue<string>();
        var isLive = false;
        while (true)
        {
            var next = open.ReadLineAsync(context.Cancellation).AsTask();
            if (!isLive && await Task.WhenAny(next, Task.Delay(Quiet, context.Host.Time, context.Cancellation)) != next)
            {
                isLive = true;
                await PrintAsync(context, backlog);
            }

            if (await next is not { } line)
            {
                await PrintAsync(context, backlog);
                return ExitCode.Ok;
            }

            backlog.Enqueue(line);
            if (isLive)
            {
                await PrintAsync(context, backlog);
            }
            else if (backlog.Count > context.Value(_lines))
            {
                backlog.Dequeue();
            }
        }
    }

    private static async ValueTask PrintAsync(CommandContext context, Queue<string> lines)
    {
        var text = string.Concat(lines.Select(line => line + "\n"));
        lines.Clear();
        await context.Output.TextAsync(text, context.Cancellation);
    }
}
