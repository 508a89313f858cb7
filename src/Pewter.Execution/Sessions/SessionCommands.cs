using Pewter.Execution.Placement;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// The commands of a session's <c>ctl</c>. What concerns the process itself is the agent's command of the same name: kept until there is a
/// node, then given to every process of the session at once, with a result for each that failed.
/// </summary>
internal static class SessionCommands
{
    internal static CommandSet<Session> Create(SessionEngine engine)
    {
        var commands = new CommandSet<Session>();
        AddLife(commands, engine);
        AddPlace(commands, engine);
        AddStreams(commands, engine);
        return commands;
    }

    private static void AddLife(CommandSet<Session> commands, SessionEngine engine) => commands
        .Add("exec [command...]", "Starts a program, on all processes of a group. Returns when it runs.", (session, call, stop) =>
            engine.ExecAsync(session, call.Words("command"), call.Caller, stop))
        .Add("signal <name> [to=main|group]", "Sends a signal to the main process or to its whole group.", engine.ForwardAsync)
        .Add("kill", "Kills all of it now.", engine.ForwardAsync)
        .Add("stop [grace=duration] [reason=word]", "Asks all of it to end (TERM), kills what has not after the grace; waits.", engine.ForwardAsync)
        .Add("wipe", "Kills all of it, answers who waits, and forgets it.", (session, _, stop) => engine.WipeAsync(session, stop))
        .Add("job <name>", "Names the work it belongs to, as job/task.", (session, call) => session.Job = call.Word("name"))
        .Add("id <name>", "The same as job.", (session, call) => session.Job = call.Word("name"))
        .Add("label [words...]", "Sets the words that queries find it by.", (session, call) => session.Labels = call.Words("words"));

    private static void AddPlace(CommandSet<Session> commands, SessionEngine engine) => commands
        .Add("on <query>", "Where it may run: a query below /node/query, such as kind=cell/mem>=1G.", (session, call) =>
        {
            SessionEngine.DemandNew(session);
            session.Query = call.Word("query");
        })
        .Add("place <mode:spread|pack|least-loaded>", "How processes are laid out over the nodes.", (session, call) =>
        {
            SessionEngine.DemandNew(session);
            session.Mode = call.Word("mode") switch
            {
                "pack" => PlacementMode.Pack,
                "least-loaded" => PlacementMode.LeastLoaded,
                _ => PlacementMode.Spread,
            };
        })
        .Add("near <paths...>", "Prefers nodes, /node/n3, or those of sessions, /proc/7: where what it works with is.", engine.NearAsync)
        .Add("res <count:int> [query]", "Reserves processes on nodes, all or none; they become 0/ 1/ … and exec starts all.", (session, call, stop) =>
            engine.ReserveAsync(session, (int)Math.Min(int.MaxValue, call.Int("count")), call.Word("query", null), call.Caller, stop))
        .Add("env <variables...>", "Adds NAME=value to the environment.", (session, call, stop) =>
            engine.AddVariablesAsync(session, call.Words("variables"), stop))
        .Add("files <digest>", "Brings a blob of /blob to its nodes; it starts in the directory of a bundle, and PEWTER_FILES names it.",
            (session, call) =>
        {
            SessionEngine.DemandNew(session);
            session.Files = call.Word("digest");
        })
        .Add("dir <path>", "Where it starts.", engine.ForwardAsync)
        .Add("user <name>", "Who it runs as; yourself, or anybody for an administrator.", engine.SetUserAsync)
        .Add("nice <value:int>", "Its nice value, -20 to 19; also while it runs.", engine.ForwardAsync)
        .Add(
            "limit [cpu=number] [mem=size] [pids=int] [files=int]",
            "Limits each process with its children: CPUs, bytes of memory, processes, open files. Also while it runs.",
            engine.ForwardAsync)
        .Add("terminal <state:on|off>", "Gives it a terminal; stdout and stderr are then one.", engine.ForwardAsync)
        .Add("window <rows:int> <columns:int>", "Tells it the size of its terminal.", engine.ForwardAsync);

    private static void AddStreams(CommandSet<Session> commands, SessionEngine engine) => commands
        .Add("input <mode:all|deal>", "What a group's stdin does: given to all, or dealt out line by line.", (session, call) =>
            session.DealsInput = call.Word("mode") == "deal")
        .Add("bcast", "The same as input all.", (session, _) => session.DealsInput = false)
        .Add("enum", "The same as input deal.", (session, _) => session.DealsInput = true)
        .Add("eof [mode:onclose|explicit]", "Ends its input now, or says when: with the last writer's close, or only when asked.",
            engine.ForwardAsync)
        .Add("close <stream:stdin|0>", "Ends its input now.", engine.ForwardAsync)
        .Add("output <mode:drop|keep>", "When nobody reads and the room is used up: drop the oldest output, or hold it back.", engine.ForwardAsync)
        .Add(
            "splice <path> [from:int] [to:int]",
            "Feeds its input from descriptor 1 or 2 of the session at a path, /proc/7 or /peer/b/proc/7, or from any file.",
            engine.SpliceAsync);
}
