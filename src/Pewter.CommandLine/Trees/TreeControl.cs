using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.CommandLine.Trees;

/// <summary>Gives commands to the ctl files of objects, and tells the person what failed.</summary>
internal static class TreeControl
{
    // As many as hide the time of a round trip; the daemon works on them at once.
    private const int AtOnce = 32;

    /// <summary>Gives one command to the ctl in each directory; returns all replies, in the order of the directories.</summary>
    public static async ValueTask<IReadOnlyList<CommandReply>> SendAsync(
        CommandContext context, IReadOnlyList<string> directories, IReadOnlyList<string> words)
    {
        var tree = await context.ConnectAsync();
        var replies = new IReadOnlyList<CommandReply>[directories.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = context.Cancellation };
        await Parallel.ForAsync(0, directories.Count, options, async (i, cancellation) =>
        {
            try
            {
                replies[i] = await tree.TryCommandAsync(TreePath.Child(directories[i], "ctl"), words, cancellation);
            }
            catch (FileException failure) when (directories.Count > 1)
            {
                replies[i] = [];
                lock (replies)
                {
                    context.Complain($"{directories[i]}: {failure.Message}");
                }
            }
        });
        return [.. replies.SelectMany(each => each)];
    }

    /// <summary>Tells of the failures among the replies; returns the exit code.</summary>
    public static int Report(CommandContext context, IReadOnlyList<CommandReply> replies, int expected = 1)
    {
        foreach (var reply in replies.Where(reply => !reply.IsOk))
        {
            context.Complain($"{reply.Target}: {reply.Error}");
        }

        return replies.Count >= expected && replies.All(reply => reply.IsOk) ? ExitCode.Ok : ExitCode.Failed;
    }
}
