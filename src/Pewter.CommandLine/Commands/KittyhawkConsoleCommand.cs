using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter kh console NODE</c>: what the machine has said, and what it says until Ctrl-C.</summary>
internal sealed class KittyhawkConsoleCommand : PewterCommand
{
    private readonly Argument<string> _node = new("NODE") { Description = "The number of a node" };

    public KittyhawkConsoleCommand(CommandHost host)
        : base(host, "console", "Follow a machine's console; 'pewter node console' types into it too") => Add(_node);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var word = context.Value(_node)!;
        var path = Kittyhawk.Node(word);
        await Kittyhawk.ReadAsync(context, path, "node", word);
        var tree = await context.ConnectAsync();
        await using var console = await tree.OpenAsync(TreePath.Child(path, "console"), cancellation: context.Cancellation);
        while (await console.ReadTextAsync(context.Cancellation) is { Length: > 0 } text)
        {
            await context.Output.TextAsync(text, context.Cancellation);
        }

        return ExitCode.Ok;
    }
}
