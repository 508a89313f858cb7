using System.Text.Json;
using Pewter.Linux.Users;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>The agent's <c>/proc</c>: sessions over a supervisor, those of an earlier life included. Owns neither's processes.</summary>
public sealed class SessionCollection : IAsyncDisposable
{
    private static readonly string[] PassedOn = ["PATH", "HOME", "LANG", "TZ"];

    private readonly ProcessSupervisor _supervisor;
    private readonly SpliceRunner _splices;

    /// <summary>Makes the collection.</summary>
    /// <param name="supervisor">Who runs the processes.</param>
    /// <param name="root">The agent's whole tree, for splices from it.</param>
    /// <param name="time">The clock of graces and events.</param>
    public SessionCollection(ProcessSupervisor supervisor, Func<ServedFile> root, TimeProvider time)
    {
        _supervisor = supervisor;
        _splices = new SpliceRunner(caller => new TreeClient(root(), caller), supervisor.Find, SpliceEnded);
        Directory = new Collection<NodeProcess>(Kind(), time);
        Directory.Continue(supervisor.LastId);
        supervisor.SessionEnded += OnEnded;
        foreach (var session in supervisor.Sessions.OrderBy(session => session.Id))
        {
            Directory.Add(session.Id, new NodeProcess(session), persistent: session.IsKept);
        }
    }

    /// <summary>The directory.</summary>
    public Collection<NodeProcess> Directory { get; }

    /// <summary>Gives an output of a session away over one end of a splice's channel, which becomes the splice's.</summary>
    /// <exception cref="FileException">ENOENT: there is no such session.</exception>
    internal void Give(long session, int stream, int socket, (string Name, string Way) to) => Find(session).Session.Splices.Give(stream, socket, to);

    /// <summary>Feeds a session over one end of a splice's channel, which becomes the splice's.</summary>
    /// <exception cref="FileException">ENOENT: there is no such session.</exception>
    internal void Take(long session, int socket, (string Name, string Way) from) => _splices.Take(Find(session), socket, from);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _supervisor.SessionEnded -= OnEnded;
        await _splices.DisposeAsync();
        await Directory.DisposeAsync();
    }

    private ObjectKind<NodeProcess> Kind() => new()
    {
        Prefix = "",
        Fields = SessionFields.Create(),
        States = SessionFields.States(),
        Commands = SessionCommands.Create(_splices, WipeAsync),
        StateDetails = WriteExit,
        Owner = process => process.Owner,
        Files = AddFiles,
        Create = CreateAsync,
        IsBusy = process => process.Session.State == ProcessState.Running,
        Reap = (process, _) =>
        {
            process.Session.Wipe();
            process.Forget();
            return ValueTask.CompletedTask;
        },
        PersistenceChanged = (process, keep, _) =>
        {
            process.Session.Keep(keep);
            return ValueTask.CompletedTask;
        },
    };

    private NodeProcess Find(long session) => Directory.Find(session)?.Item
        ?? throw new FileException(Errno.ENOENT, $"This node has no session {session}.");

    private ValueTask<NodeProcess> CreateAsync(NewObject made, CancellationToken cancellation)
    {
        var user = UserFor(made.Caller);
        return new(new NodeProcess(_supervisor.Create(made.Number), made.Owner, user, DefaultEnvironment(user)));
    }

    // A caller's programs run as the caller; an administrator's as the agent itself.
    private static UserEntry? UserFor(Caller caller)
    {
        if (caller.IsAdmin || !Environment.IsPrivilegedProcess)
        {
            return null;
        }

        return (caller.Uid != uint.MaxValue
                ? UserDatabase.Find(caller.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture))
                : UserDatabase.Find(caller.User))
            ?? throw new FileException(Errno.EACCES, $"{caller.User} is no user of this node, so nothing can run as {caller.User} here.");
    }

    private static List<string> DefaultEnvironment(UserEntry? user)
    {
        var environment = new List<string>();
        foreach (var name in PassedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment.Add(name == "HOME" && user is not null ? $"HOME={user.Home}" : $"{name}={value}");
            }
        }

        if (user is not null)
        {
            environment.Add($"USER={user.Name}");
        }

        return environment;
    }

    private static void WriteExit(Utf8JsonWriter json, NodeProcess process)
    {
        if (process.Record is { } record)
        {
            json.WritePropertyName("exit");
            json.WriteRawValue(record.ToJson());
        }
    }

    private static void AddFiles(TreeDirectory directory, NodeProcess process) => directory
        .Add("args", new DocumentFile(() => process.Arguments, (content, _) => process.SetArguments(content)))
        .Add("env", new DocumentFile(() => process.Environment, (content, _) => process.SetEnvironment(content)))
        .Add("ns", new DocumentFile(() => process.Namespace, process.SetNamespace))
        .Add("stdin", new InputFile(process))
        .Add("stdout", new OutputFile(process.Session.Stdout))
        .Add("stderr", new OutputFile(process.Session.Stderr))
        .Add("stdio", new StdioFile(process))
        .Add("topology", new TextFile(() => ""))
        .Add("usage", new TextFile(() => UsageText.Of(process)))
        .Add("debug", DebugDirectory.Of(process));

    private async ValueTask WipeAsync(NodeProcess process, CancellationToken cancellation)
    {
        if (process.Session.State == ProcessState.Running)
        {
            process.Session.KillAll();
            await process.Session.Exit.WaitAsync(cancellation);
            Directory.Changed(process.Session.Id);
        }

        process.Session.Wipe();
        process.Forget();
        Directory.Remove(process.Session.Id);
    }

    private void OnEnded(ProcessSession session) => Directory.Changed(session.Id);

    private void SpliceEnded(NodeProcess process, string outcome) =>
        Directory.Append(process.Session.Id, "splice", json => json.WriteString("outcome", outcome));
}
