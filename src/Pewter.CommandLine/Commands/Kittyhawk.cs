using System.Text.Json;
using Pewter.CommandLine.Trees;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>What Kittyhawk's commands do to the tree, and its sentences.</summary>
internal static class Kittyhawk
{
    /// <summary>The directory of a network that is named by its number, id or name.</summary>
    public static string Network(string word) => Directory("/net", "net", word);

    /// <summary>The directory of a node.</summary>
    public static string Node(string word) => Directory("/node", "n", word);

    /// <summary>The number in an id.</summary>
    public static string Number(string id) => id.TrimStart([.. "net"]);

    /// <summary>What an object says of itself; its absence in Kittyhawk's own sentence.</summary>
    public static async ValueTask<JsonElement> ReadAsync(CommandContext context, string path, string what, string word)
    {
        try
        {
            var tree = await context.ConnectAsync();
            using var json = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(path, "json"), context.Cancellation));
            return json.RootElement.Clone();
        }
        catch (FileException missing) when (missing.Errno is Errno.ENOENT or Errno.EACCES)
        {
            throw new CommandException($"Error: {what} {word} is not valid");
        }
    }

    /// <summary>Gives one command and returns its answer.</summary>
    public static async ValueTask<IReadOnlyList<CommandReply>> TellAsync(CommandContext context, string path, params string[] words)
    {
        var tree = await context.ConnectAsync();
        return await tree.CommandAsync(TreePath.Child(path, "ctl"), words, context.Cancellation);
    }

    /// <summary>The lines of a network's members: the fields of each by name.</summary>
    public static async ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string>>> MembersAsync(CommandContext context, string network)
    {
        var tree = await context.ConnectAsync();
        var text = await tree.TextAsync(TreePath.Child(network, "members"), context.Cancellation);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')
            .Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal))];
    }

    /// <summary>Releases all nodes of a network, then removes it.</summary>
    public static async ValueTask RemoveAsync(CommandContext context, string network)
    {
        var nodes = (await MembersAsync(context, network)).Select(member => member["node"]).Distinct().ToList();
        await Parallel.ForEachAsync(nodes, context.Cancellation, async (node, _) => await TellAsync(context, $"/node/{node}", "release"));
        await TellAsync(context, network, "rm");
    }

    private static string Directory(string root, string prefix, string word) =>
        $"{root}/{(word.Length > 0 && word.All(char.IsAsciiDigit) ? prefix + word : word)}";
}
