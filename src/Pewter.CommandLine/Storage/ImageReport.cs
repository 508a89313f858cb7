using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary>Images that were just made.</summary>
internal static class ImageReport
{
    private static readonly Table<CommandReply> Table = new Table<CommandReply>(reply => reply.Target)
        .Text("image", reply => reply.Text("id"))
        .Text("name", reply => reply.Text("name"))
        .Text("type", reply => reply.Text("type"))
        .Text("size", reply => StorageText.Value(reply.Line, "size"));

    /// <summary>Tells what failed and prints the rest; returns the exit code.</summary>
    public static async ValueTask<int> PrintAsync(CommandContext context, IReadOnlyList<CommandReply> replies)
    {
        var code = TreeControl.Report(context, replies);
        await context.Output.ListAsync(Table, replies.Where(reply => reply.IsOk), context.Cancellation);
        return code;
    }
}
