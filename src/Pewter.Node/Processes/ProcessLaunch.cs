using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Pipes;
using Pewter.Linux.Ptys;
using Pewter.Linux.Spawning;

namespace Pewter.Node.Processes;

/// <summary>Starts a program with pipes or a terminal around it. Owns the descriptors until it is <see cref="Keep">kept</see>.</summary>
internal sealed class ProcessLaunch : IDisposable
{
    private const int ReadWrite = 2;

    private readonly List<int> _ours = [];
    private readonly List<int> _theirs = [];
    private bool _kept;

    private ProcessLaunch()
    {
    }

    internal SpawnedProcess Child { get; private set; } = null!;

    /// <summary>Our writing end of stdin.</summary>
    internal int Input { get; private set; }

    /// <summary>Our reading end of stdout, or of the terminal.</summary>
    internal int Output { get; private set; }

    /// <summary>Our reading end of stderr; -1 with a terminal.</summary>
    internal int Error { get; private set; } = -1;

    internal static ProcessLaunch Start(ProcessSpec spec, string session, Cgroup? cgroup, SupervisorOptions options)
    {
        var launch = new ProcessLaunch();
        var done = false;
        try
        {
            launch.OpenStreams(spec.Terminal);
            if (spec is { Terminal: true, Window: { } window })
            {
                PseudoTerminal.Resize(launch.Input, window.Rows, window.Columns);
            }

            launch.Child = ProcessSpawner.Spawn(launch.Describe(spec, session, cgroup, options));
            done = true;
            return launch;
        }
        finally
        {
            launch._theirs.ForEach(Descriptors.Close);
            if (!done)
            {
                launch.Dispose();
            }
        }
    }

    /// <summary>The caller has taken the descriptors over.</summary>
    internal void Keep() => _kept = true;

    public void Dispose()
    {
        if (!_kept)
        {
            _kept = true;
            _ours.ForEach(Descriptors.Close);
        }
    }

    private void OpenStreams(bool terminal)
    {
        if (terminal)
        {
            using var pair = PseudoTerminal.Open();
            Input = Ours(Descriptors.Duplicate(pair.Controller.Number()));
            Output = Ours(Descriptors.Duplicate(pair.Controller.Number()));
            _theirs.AddRange([Descriptors.Duplicate(pair.Terminal.Number())]);
            return;
        }

        var (stdin, input) = AnonymousPipe.Create();
        _theirs.Add(stdin);
        Input = Ours(input);
        Output = OpenOutput();
        Error = OpenOutput();
    }

    // The program gets its end open for reading too. So it is not killed by SIGPIPE when the agent dies, and the next agent finds the
    // pipe, with what was not yet read, through /proc/PID/fd.
    private int OpenOutput()
    {
        var (reader, writer) = AnonymousPipe.Create(wait: false);
        Ours(reader);
        _theirs.Add(writer);
        _theirs.Add(Descriptors.Open($"/proc/self/fd/{writer}", ReadWrite));
        return reader;
    }

    private int Ours(int descriptor)
    {
        _ours.Add(descriptor);
        return descriptor;
    }

    private SpawnOptions Describe(ProcessSpec spec, string session, Cgroup? cgroup, SupervisorOptions options) => new()
    {
        Path = ProgramSearch.Find(spec),
        Arguments = spec.Arguments,
        Environment = [.. spec.Environment, $"PEWTER_SESSION={session}"],
        WorkingDirectory = spec.Directory,
        Descriptors = spec.Terminal
            ? [new(_theirs[0], 0), new(_theirs[0], 1), new(_theirs[0], 2)]
            : [new(_theirs[0], 0), new(_theirs[2], 1), new(_theirs[4], 2)],
        NewSession = true,
        ControllingTerminal = spec.Terminal,
        Nice = spec.Nice,
        Limits = spec.ResourceLimits,
        Identity = spec.User is { } user ? new SpawnIdentity(user.Id, user.Group, user.Groups) : null,
        NewNamespaces = spec.Mounts.Count > 0 ? NamespaceKinds.Mount : NamespaceKinds.None,
        Mounts = spec.Mounts,
        UnifiedCgroup = cgroup?.UnifiedHandle,
        JoinCgroups = cgroup?.Joins ?? [],
        KeepCapabilities = options.Capabilities,
        Filter = options.Filter,
        NoNewPrivileges = options.Filter is not null,
    };
}
