using Pewter.Linux.Mounts;
using Pewter.Linux.Namespaces;

namespace Pewter.Linux.Spawning;

/// <summary>Turns <see cref="SpawnOptions"/> into the steps that <see cref="SpawnStub"/> makes, and remembers what each was for.</summary>
internal sealed unsafe class SpawnScript
{
    // 64 covers every option but capabilities (one step each) and unusually many cgroups, namespaces or limits.
    private const int SpareSteps = 64;
    private const int CapabilityCount = 41;

    private const int SetNoNewPrivileges = 38;
    private const int SetParentDeathSignal = 1;
    private const int KillSignal = 9;
    private const int DropBoundingCapability = 24;
    private const int SetCloseOnExec = 4;
    private const int SetSecurityFilter = 1;
    private const int SetControllingTerminal = 0x540E;

    // Handlers are reset by the kernel (CLONE_CLEAR_SIGHAND); what the runtime or a shell left ignored is reset here.
    private static readonly int[] ResetSignals = [1, 2, 3, 13, 15, 17, 20, 21, 22];

    private readonly SpawnArena _arena;
    private readonly SyscallStep* _steps;
    private readonly string[] _purposes;
    private int _count;

    internal SpawnScript(SpawnArena arena, SpawnOptions options, (int Reader, int Writer)? gate)
    {
        _arena = arena;
        var room = SpareSteps + options.JoinCgroups.Count + options.EnterNamespaces.Count + options.Limits.Count + options.Mounts.Count +
            (options.KeepCapabilities is null ? 0 : CapabilityCount);
        _steps = arena.Allocate<SyscallStep>(room);
        _purposes = new string[room];
        Build(options, gate);
    }

    internal SyscallStep* Steps => _steps;

    internal int Count => _count;

    /// <summary>What step <paramref name="index"/> was for, as the start of an error sentence.</summary>
    internal string Purpose(nint index) => index < _count ? _purposes[index] : "start a process";

    private void Build(SpawnOptions options, (int Reader, int Writer)? gate)
    {
        AddCgroups(options);
        AddNamespaces(options, gate);
        AddMounts(options);
        AddSession(options);
        AddDescriptors(options);
        AddScheduling(options);
        AddPlace(options);
        AddConfinement(options);
        AddExec(options);
    }

    private void AddCgroups(SpawnOptions options)
    {
        var zero = _arena.Text("0");
        foreach (var file in options.JoinCgroups)
        {
            Add("enter a cgroup", SyscallNumbers.Write, file.Number(), (nint)zero, 1);
        }
    }

    private void AddNamespaces(SpawnOptions options, (int Reader, int Writer)? gate)
    {
        if (gate is { } pipe)
        {
            // The parent writes one byte after it has written the maps. If it is killed before, the child must not wait on, for it holds all that
            // the parent had open, listening sockets among them.
            Add("end with the parent", SyscallNumbers.ProcessControl, SetParentDeathSignal, KillSignal);
            Add("wait for the user namespace", SyscallNumbers.Close, pipe.Writer);
            Add("wait for the user namespace", SyscallNumbers.Read, pipe.Reader, (nint)_arena.Allocate<byte>(16), 1);
            Add("outlive the parent", SyscallNumbers.ProcessControl, SetParentDeathSignal, 0);

            // The caller's groups would go on opening the files of these groups. Without privilege nobody may drop any, and has only its own.
            Add("drop the caller's groups", SyscallNumbers.SetGroups, 0, 0, mayFail: !Environment.IsPrivilegedProcess);
            Add("become root of the user namespace", SyscallNumbers.SetGroupIds, 0, 0, 0);
            Add("become root of the user namespace", SyscallNumbers.SetUserIds, 0, 0, 0);
        }

        if (options.NewNamespaces.HasFlag(NamespaceKinds.Cgroup))
        {
            // Made here and not by clone, which would take the parent's cgroup for its root.
            Add("make a cgroup namespace", SyscallNumbers.Unshare, (nint)(uint)NamespaceKinds.Cgroup);
        }

        foreach (var handle in options.EnterNamespaces)
        {
            Add("enter a namespace", SyscallNumbers.SetNamespace, handle.Number(), 0);
        }
    }

    private void AddMounts(SpawnOptions options)
    {
        if (options.Mounts.Count == 0)
        {
            return;
        }

        const MountFlags CutOff = MountFlags.Private | MountFlags.Recursive;
        Add("make mounts private", SyscallNumbers.Mount, 0, (nint)_arena.Text("/"), 0, (nint)CutOff);
        foreach (var mount in options.Mounts)
        {
            var (source, target) = ((nint)_arena.Text(mount.Source), (nint)_arena.Text(mount.Target));
            var (type, data) = (TextOrNull(mount.Type), TextOrNull(mount.Options));
            Add($"mount {mount.Source} on {mount.Target}", SyscallNumbers.Mount, source, target, type, (nint)mount.Flags, data);
        }
    }

    private nint TextOrNull(string? text) => text is null ? 0 : (nint)_arena.Text(text);

    private void AddSession(SpawnOptions options)
    {
        if (options.NewSession)
        {
            Add("start a session", SyscallNumbers.SetSession);
        }

        if (options.ParentDeathSignal != 0)
        {
            Add("bind the life to the parent", SyscallNumbers.ProcessControl, SetParentDeathSignal, options.ParentDeathSignal);
        }
    }

    private void AddDescriptors(SpawnOptions options)
    {
        foreach (var mapping in options.Descriptors)
        {
            Add("hand over a descriptor", SyscallNumbers.Duplicate2, mapping.Source, mapping.Target);
        }

        if (options.ControllingTerminal)
        {
            Add("take the terminal", SyscallNumbers.Ioctl, 0, SetControllingTerminal, 0);
        }
    }

    private void AddScheduling(SpawnOptions options)
    {
        if (options.Nice is { } nice)
        {
            Add($"set the nice value to {nice}", SyscallNumbers.SetPriority, 0, 0, nice);
        }

        foreach (var limit in options.Limits)
        {
            var pair = _arena.Allocate<ulong>(2);
            (pair[0], pair[1]) = (limit.Soft, limit.Hard);
            Add($"limit {limit.Kind}", SyscallNumbers.ProcessLimit, 0, (nint)limit.Kind, (nint)pair, 0);
        }

        if (options.Cpus.Count > 0)
        {
            var mask = _arena.Allocate<byte>(128);
            foreach (var cpu in options.Cpus)
            {
                mask[cpu / 8] |= (byte)(1 << (cpu % 8));
            }

            Add("choose CPUs", SyscallNumbers.SetAffinity, 0, 128, (nint)mask);
        }
    }

    private void AddPlace(SpawnOptions options)
    {
        if (options.ChangeRoot is { } root)
        {
            Add($"change the root to {root}", SyscallNumbers.ChangeRoot, (nint)_arena.Text(root));
            Add("enter the new root", SyscallNumbers.ChangeDirectory, (nint)_arena.Text("/"));
        }

        if (options.WorkingDirectory is { } directory)
        {
            Add($"change to directory {directory}", SyscallNumbers.ChangeDirectory, (nint)_arena.Text(directory));
        }
    }

    private void AddConfinement(SpawnOptions options)
    {
        for (var capability = 0; options.KeepCapabilities is { } keep && capability < CapabilityCount; capability++)
        {
            if (!keep.Contains(capability))
            {
                // A kernel older than the capability answers EINVAL; a capability that is not there needs no dropping.
                Add("drop a capability", SyscallNumbers.ProcessControl, DropBoundingCapability, capability, mayFail: true);
            }
        }

        if (options.Identity is { } identity)
        {
            AddIdentity(identity);
        }

        if (options.NoNewPrivileges)
        {
            Add("refuse new privileges", SyscallNumbers.ProcessControl, SetNoNewPrivileges, 1);
        }

        if (options.Filter is { } filter)
        {
            Add("filter system calls", SyscallNumbers.Seccomp, SetSecurityFilter, 0, (nint)filter.CopyTo(_arena));
        }
    }

    private void AddIdentity(SpawnIdentity identity)
    {
        var groups = _arena.Allocate<uint>(Math.Max(1, identity.Groups.Count));
        for (var i = 0; i < identity.Groups.Count; i++)
        {
            groups[i] = identity.Groups[i];
        }

        Add("set groups", SyscallNumbers.SetGroups, identity.Groups.Count, (nint)groups);
        Add($"become group {identity.Group}", SyscallNumbers.SetGroupIds, (nint)identity.Group, (nint)identity.Group, (nint)identity.Group);
        Add($"become user {identity.User}", SyscallNumbers.SetUserIds, (nint)identity.User, (nint)identity.User, (nint)identity.User);
    }

    private void AddExec(SpawnOptions options)
    {
        var zeros = _arena.Allocate<ulong>(4);
        foreach (var signal in ResetSignals)
        {
            Add("reset a signal", SyscallNumbers.SignalAction, signal, (nint)zeros, 0, sizeof(ulong));
        }

        // Whatever else was opened without close-on-exec, such as a listening socket that this process was given, must not outlive it
        // in a child. Linux before 5.11 lacks the flag and relies on every open.
        var afterLast = options.Descriptors.Select(mapping => mapping.Target + 1).Append(3).Max();
        Add("close other descriptors", SyscallNumbers.CloseRange, afterLast, int.MaxValue, SetCloseOnExec, mayFail: true);
        Add("unblock signals", SyscallNumbers.SignalMask, 2, (nint)zeros, 0, sizeof(ulong));
        Add(
            $"run {options.Path}",
            SyscallNumbers.Execute,
            (nint)_arena.Text(options.Path),
            (nint)_arena.Texts(options.Arguments),
            (nint)_arena.Texts(options.Environment));
    }

    private void Add(string purpose, int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, bool mayFail = false)
    {
        _purposes[_count] = purpose;
        _steps[_count++] = new SyscallStep { Number = number, A = a, B = b, C = c, D = d, E = e, MayFail = mayFail ? 1 : 0 };
    }
}
