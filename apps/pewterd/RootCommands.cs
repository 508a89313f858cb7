using Pewter.Hosting.Logging;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Daemon;

/// <summary>The commands of <c>/ctl</c>: those that concern the daemon itself. Only administrators may write there.</summary>
internal static class RootCommands
{
    public static CommandSet<DaemonHost> Create() => new CommandSet<DaemonHost>()
        .Add("stop", "Stops the daemon; what runs on the machine goes on.", (daemon, call) =>
        {
            Demand(call.Caller);
            daemon.Stop($"asked by {call.Caller.User}");
        })
        .Add("note <text...>", "Adds a line to the journal of events; its number is told when it is durable.", async (daemon, call, cancellation) =>
            CommandResult.Of("seq", await daemon.NoteAsync(string.Join(' ', call.Words("text")), call.Caller, cancellation)))
        .Add("log <level:debug|info|warn|error>", "Sets the least important messages that are logged.", (daemon, call) =>
        {
            Demand(call.Caller);
            daemon.Log.Level = Enum.Parse<LogLevel>(call.Word("level"), ignoreCase: true);
        });

    private static void Demand(Caller caller)
    {
        if (!caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "Only an administrator may do that.");
        }
    }
}
