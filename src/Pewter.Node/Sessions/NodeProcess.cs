using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Users;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>
/// A session as the tree shows it: what its owner has set before it starts, and the process after. May be called from any thread.
/// </summary>
public sealed class NodeProcess
{
    private const string OwnerNote = "owner";
    private const string GroupNote = "group";
    private const string JobNote = "job";
    private const string LabelsNote = "labels";

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A new session.</summary>
    internal NodeProcess(ProcessSession session, Owner owner, UserEntry? user, IReadOnlyList<string> environment)
    {
        Session = session;
        Owner = owner;
        User = user;
        Environment = EnvironmentText.Environment(environment);
        Input = new InputGate(this);
    }

    /// <summary>A session that an earlier agent made.</summary>
    internal NodeProcess(ProcessSession session)
    {
        Session = session;
        var spec = session.Spec;
        Owner = spec?.Notes is { } notes && notes.TryGetValue(OwnerNote, out var owner)
            ? new Owner(owner, notes.GetValueOrDefault(GroupNote, owner))
            : Owner.System;
        Job = spec?.Notes.GetValueOrDefault(JobNote, "") ?? "";
        Labels = spec?.Notes.GetValueOrDefault(LabelsNote, "").Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
        Arguments = EnvironmentText.Arguments(spec?.Arguments ?? []);
        Directory = spec?.Directory ?? "/";
        User = spec?.User;
        Input = new InputGate(this);
        _started.SetResult();
    }

    /// <summary>The session behind it.</summary>
    public ProcessSession Session { get; }

    /// <summary>Who made it.</summary>
    public Owner Owner { get; }

    /// <summary>The file <c>args</c>.</summary>
    public ReadOnlyMemory<byte> Arguments { get; private set; }

    /// <summary>The file <c>env</c>.</summary>
    public ReadOnlyMemory<byte> Environment { get; private set; }

    /// <summary>The file <c>ns</c>.</summary>
    public ReadOnlyMemory<byte> Namespace { get; private set; }

    /// <summary>Where it starts.</summary>
    public string Directory { get; internal set; } = "/";

    /// <summary>Who it runs as; null: the agent's user.</summary>
    public UserEntry? User { get; internal set; }

    /// <summary>Nice value; null: the agent's.</summary>
    public int? Nice { get; internal set; }

    /// <summary>Limits of all of it.</summary>
    public CgroupLimits Limits { get; internal set; } = CgroupLimits.None;

    /// <summary>Open descriptors a process may have; null: as the agent.</summary>
    public ulong? OpenFiles { get; internal set; }

    /// <summary>Whether it gets a terminal.</summary>
    public bool Terminal { get; internal set; }

    /// <summary>Rows and columns of its terminal; null: as the kernel makes it.</summary>
    public (ushort Rows, ushort Columns)? Window { get; internal set; }

    /// <summary>The owner's name for the work it belongs to: <c>job/task</c>.</summary>
    public string Job { get; internal set; } = "";

    /// <summary>Words that queries find it by.</summary>
    public IReadOnlyList<string> Labels { get; internal set; } = [];

    /// <summary>The newest of its splices in a few words; null when there is none.</summary>
    public string? Splice => Session.Splices.Edges is [.., var last] ? last.Describe() : null;

    /// <summary>Its state as a word.</summary>
    public string State => Session.State switch
    {
        ProcessState.New => "new",
        ProcessState.Running => "running",
        _ => "ended",
    };

    /// <summary>The exit record; null before the end.</summary>
    public ExitRecord? Record => Session.Exit.IsCompletedSuccessfully ? Session.Exit.Result : null;

    /// <summary>Who writes to its input.</summary>
    internal InputGate Input { get; }

    /// <summary>Ends when it has been started.</summary>
    internal Task Started => _started.Task;

    /// <summary>The session is forgotten: whoever waits for its program waits in vain.</summary>
    internal void Forget() => _started.TrySetException(new FileException(Errno.ESRCH, "The session was wiped before its program was started."));

    /// <summary>Throws EBUSY unless nothing has been started yet.</summary>
    internal void DemandNew()
    {
        if (Session.State != ProcessState.New)
        {
            throw new FileException(Errno.EBUSY, "The program has been started; this can only be set before.");
        }
    }

    internal void SetArguments(ReadOnlyMemory<byte> content)
    {
        DemandNew();
        Arguments = content;
    }

    internal void SetEnvironment(ReadOnlyMemory<byte> content)
    {
        DemandNew();
        Environment = content;
    }

    internal void AddVariables(IReadOnlyList<string> variables)
    {
        DemandNew();
        var added = EnvironmentText.Entries(EnvironmentText.Environment(variables));
        var names = added.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        Environment = EnvironmentText.Environment(EnvironmentText.Entries(Environment).Where(entry => !names.Contains(NameOf(entry))).Concat(added));

        static string NameOf(string entry) => entry[..entry.IndexOf('=', StringComparison.Ordinal)];
    }

    internal void SetNamespace(ReadOnlyMemory<byte> content, Caller caller)
    {
        DemandNew();
        if (!caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "ns: mounts are made by root, so only an administrator may ask for them.");
        }

        _ = NamespaceScript.Parse(content);
        Namespace = content;
    }

    /// <summary>Starts the program: the words given, or the file <c>args</c>.</summary>
    internal void Start(IReadOnlyList<string> words)
    {
        lock (_lock)
        {
            DemandNew();
            var arguments = words.Count > 0 ? words : EnvironmentText.Words(Arguments);
            if (arguments.Count == 0)
            {
                throw new FileException(Errno.EINVAL, "exec what? Give a program, or write one to args first.");
            }

            var spec = Describe(arguments);
            LinuxFailure.Guard(() => Session.Start(spec));
            Arguments = EnvironmentText.Arguments(arguments);
        }

        _started.TrySetResult();
        Input.ProgramStarted();
    }

    private ProcessSpec Describe(IReadOnlyList<string> arguments) => new()
    {
        Arguments = arguments,
        Environment = EnvironmentText.Entries(Environment),
        Directory = Directory,
        User = User,
        Nice = Nice,
        Limits = Limits,
        ResourceLimits = OpenFiles is { } files ? [new ResourceLimit(ResourceKind.OpenFiles, files, files)] : [],
        Terminal = Terminal,
        Window = Window,
        Mounts = NamespaceScript.Parse(Namespace),
        Notes = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [OwnerNote] = Owner.User,
            [GroupNote] = Owner.Group,
            [JobNote] = Job,
            [LabelsNote] = string.Join(',', Labels),
        },
    };
}
