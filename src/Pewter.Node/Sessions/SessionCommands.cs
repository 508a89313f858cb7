using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Users;
using Pewter.NineP;
using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>The commands of a session's <c>ctl</c>.</summary>
internal static class SessionCommands
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(10);

    internal static CommandSet<NodeProcess> Create(SpliceRunner splices, Func<NodeProcess, CancellationToken, ValueTask> wipe)
    {
        var commands = new CommandSet<NodeProcess>();
        AddLife(commands, wipe);
        AddPlace(commands);
        AddStreams(commands, splices);
        return commands;
    }

    private static void AddLife(CommandSet<NodeProcess> commands, Func<NodeProcess, CancellationToken, ValueTask> wipe) => commands
        .Add("exec [command...]", "Starts a program, or what args says. Returns when it runs.", (process, call) =>
            process.Start(call.Words("command")))
        .Add("signal <name> [to=main|group]", "Sends a signal to the main process or to its whole group.", Signal)
        .Add("kill", "Kills all of it now.", (process, _) =>
        {
            DemandRunning(process);
            process.Session.KillAll();
        })
        .Add("stop [grace=duration] [reason=word]", "Asks all of it to end (TERM), kills what has not after the grace; waits.", StopAsync)
        .Add("wipe", "Kills all of it, answers who waits, and forgets it.", (process, _, cancellation) =>
            wipe(process, cancellation))
        .Add("job <name>", "Names the work it belongs to, as job/task.", (process, call) => process.Job = call.Word("name"))
        .Add("id <name>", "The same as job.", (process, call) => process.Job = call.Word("name"))
        .Add("label [words...]", "Sets the words that queries find it by.", (process, call) => process.Labels = call.Words("words"));

    private static void AddPlace(CommandSet<NodeProcess> commands) => commands
        .Add("env <variables...>", "Adds NAME=value to the environment, in place of what is there of that name.", (process, call) =>
            process.AddVariables(call.Words("variables")))
        .Add("dir <path>", "Where it starts.", (process, call) =>
        {
            process.DemandNew();
            process.Directory = call.Word("path");
        })
        .Add("user <name>", "Who it runs as; yourself, or anybody for an administrator.", SetUser)
        .Add("nice <value:int>", "Its nice value, -20 to 19; also while it runs.", SetNice)
        .Add(
            "limit [cpu=number] [mem=size] [pids=int] [files=int]",
            "Limits all of it together: CPUs, bytes of memory, processes; each process: open files. Also while it runs.",
            SetLimits)
        .Add("terminal <state:on|off>", "Gives it a terminal; stdout and stderr are then one.", (process, call) =>
        {
            process.DemandNew();
            process.Terminal = call.Word("state") == "on";
        })
        .Add("window <rows:int> <columns:int>", "Tells it the size of its terminal; also before it starts.", (process, call) =>
            Resize(process, (ushort)call.Int("rows"), (ushort)call.Int("columns")));

    private static void AddStreams(CommandSet<NodeProcess> commands, SpliceRunner splices) => commands
        .Add("eof [mode:onclose|explicit]", "Ends its input now, or says when: with the last writer's close, or only when asked.", EofAsync)
        .Add("close <stream:stdin|0>", "Ends its input now.", (process, call, cancellation) => process.Input.EndAsync(cancellation))
        .Add("output <mode:drop|keep>", "When nobody reads and the room is used up: drop the oldest output, or hold it back.", (process, call) =>
            process.Session.Stdout.Keep = process.Session.Stderr.Keep = call.Word("mode") == "keep")
        .Add(
            "splice <path> [from:int] [to:int]",
            "Feeds its input from descriptor 1 or 2 of the session at a path, or from any file: /proc/7, unix!SOCKET!/proc/7, tcp!HOST!PORT!/proc/7.",
            (process, call) => splices.Start(process, call.Word("path"), (int)call.Int("from", 1), (int)call.Int("to"), call.Caller));

    private static void DemandRunning(NodeProcess process)
    {
        if (process.Session.State != ProcessState.Running)
        {
            throw new FileException(Errno.ESRCH, "No process runs in this session.");
        }
    }

    private static void Signal(NodeProcess process, CommandCall call)
    {
        DemandRunning(process);
        var number = SignalNames.Parse(call.Word("name"))
            ?? throw new FileException(Errno.EINVAL, $"There is no signal '{call.Word("name")}'.");
        var sent = LinuxFailure.Guard(() =>
            call.Word("to", "main") == "group" ? process.Session.SignalGroup(number) : process.Session.Signal(number));
        if (!sent)
        {
            throw new FileException(Errno.ESRCH, "The process has just ended.");
        }
    }

    private static async ValueTask StopAsync(NodeProcess process, CommandCall call, CancellationToken cancellation)
    {
        DemandRunning(process);
        var reason = call.Word("reason", null);
        await process.Session.StopAsync(
            call.Duration("grace", DefaultGrace), cancellation, reason is null ? null : ExitCause.Policy, reason ?? "");
    }

    private static void SetUser(NodeProcess process, CommandCall call)
    {
        process.DemandNew();
        var name = call.Word("name");
        if (!call.Caller.IsAdmin && name != call.Caller.User)
        {
            throw new FileException(Errno.EPERM, $"{call.Caller.User} may not run programs as {name}.");
        }

        process.User = UserDatabase.Find(name) ?? throw new FileException(Errno.ENOENT, $"There is no user {name} on this node.");
    }

    private static void SetNice(NodeProcess process, CommandCall call)
    {
        var nice = (int)Math.Clamp(call.Int("value"), -20, 19);
        if (nice < 0 && !call.Caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "Only an administrator may give more than the usual share.");
        }

        if (process.Session is { State: ProcessState.Running, Process: { } running })
        {
            LinuxFailure.Guard(() => ProcessControl.SetGroupNice(running.Id, nice));
        }

        process.Nice = nice;
    }

    private static void SetLimits(NodeProcess process, CommandCall call)
    {
        var limits = new CgroupLimits
        {
            Cpus = call.Has("cpu") ? call.Number("cpu") : null,
            MemoryBytes = call.Has("mem") ? call.Size("mem") : null,
            Processes = call.Has("pids") ? (int)call.Int("pids") : null,
        };
        if (limits is { Cpus: <= 0 } or { MemoryBytes: <= 0 } or { Processes: <= 0 })
        {
            throw new FileException(Errno.EINVAL, "A limit must be more than nothing.");
        }

        if (process.Session.State == ProcessState.Running)
        {
            LinuxFailure.Guard(() => process.Session.SetLimits(limits));
        }

        process.Limits = process.Limits.With(limits);
        process.OpenFiles = call.Has("files") ? (ulong)call.Int("files") : process.OpenFiles;
    }

    private static void Resize(NodeProcess process, ushort rows, ushort columns)
    {
        process.Window = (rows, columns);
        if (process.Session.State == ProcessState.New)
        {
            return;
        }

        DemandRunning(process);
        var pipe = process.Session.Stdin is { IsTerminal: true } terminal
            ? terminal
            : throw new FileException(Errno.ENOTTY, "This session has no terminal; write 'terminal on' before exec.");
        LinuxFailure.Guard(() => pipe.Resize(rows, columns));
    }

    private static ValueTask EofAsync(NodeProcess process, CommandCall call, CancellationToken cancellation)
    {
        if (!call.Has("mode"))
        {
            return process.Input.EndAsync(cancellation);
        }

        process.Input.IsExplicit = call.Word("mode") == "explicit";
        return ValueTask.CompletedTask;
    }
}
