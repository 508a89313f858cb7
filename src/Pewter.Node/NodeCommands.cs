using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Node;

/// <summary>The commands of a node's own <c>ctl</c>, for administrators.</summary>
internal static class NodeCommands
{
    internal static CommandSet<NodeTree> Create(IReadOnlyDictionary<string, Action> actions)
    {
        var commands = new CommandSet<NodeTree>();
        foreach (var (name, action) in actions)
        {
            commands.Add(name, Help(name), (_, call) =>
            {
                if (!call.Caller.IsAdmin)
                {
                    throw new FileException(Errno.EPERM, $"Only an administrator may {name} a node.");
                }

                action();
            });
        }

        return commands;
    }

    private static string Help(string name) => name switch
    {
        "stop" => "Ends every process and the agent.",
        "poweroff" => "Ends every process and turns the machine off.",
        _ => "Ends every process and starts the machine again.",
    };
}
