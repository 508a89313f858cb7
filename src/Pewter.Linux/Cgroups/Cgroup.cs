using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;
using Pewter.Linux.Processes;

namespace Pewter.Linux.Cgroups;

/// <summary>
/// A group of processes under one name in the unified hierarchy, if that is mounted, and in every version 1 hierarchy
/// whose controller a limit needs. Owns its directories until <see cref="Delete"/>. Callers serialise.
/// </summary>
public sealed class Cgroup : IDisposable
{
    private const int WriteOnly = 1;
    private const int DirectoryOnly = 0x210000;
    private const int Kill = 9;
    private const long CpuPeriodMicroseconds = 100_000;

    // Documentation/admin-guide/cgroup-v2.rst, "Delegation"; tasks is version 1's.
    private static readonly string[] Delegated = ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "tasks"];

    private readonly CgroupHierarchies _hierarchies;
    private readonly Dictionary<string, string> _version1 = new(StringComparer.Ordinal);
    private readonly List<SafeFileHandle> _joins = [];
    private SafeFileHandle? _events;

    private Cgroup(CgroupHierarchies hierarchies, string name)
    {
        _hierarchies = hierarchies;
        Name = name;
        UnifiedDirectory = hierarchies.Unified is { } root ? $"{root}/{name}" : null;
    }

    /// <summary>Its path below every hierarchy's root.</summary>
    public string Name { get; }

    /// <summary>Its directory in version 2; null when that is not mounted.</summary>
    public string? UnifiedDirectory { get; }

    /// <summary>The open version 2 directory, for a child to be born in; null without version 2.</summary>
    public SafeFileHandle? UnifiedHandle { get; private set; }

    /// <summary>Open files of version 1 for a child to enter.</summary>
    public IReadOnlyList<SafeFileHandle> Joins => _joins;

    /// <summary>Every directory it has.</summary>
    public IEnumerable<string> Directories => UnifiedDirectory is null ? _version1.Values : _version1.Values.Prepend(UnifiedDirectory);

    /// <summary>Makes a cgroup, or takes over the one of that name, with limits.</summary>
    /// <param name="hierarchies">What is mounted.</param>
    /// <param name="name">Its path below each root.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="controllers">Controllers that it is to be in even without a limit.</param>
    /// <exception cref="LinuxException">ENOSYS: no hierarchy has a controller that a limit needs.</exception>
    public static Cgroup Create(
        CgroupHierarchies hierarchies, string name, CgroupLimits limits, IEnumerable<string>? controllers = null)
    {
        var group = new Cgroup(hierarchies, name);
        try
        {
            if (group.UnifiedDirectory is { } directory)
            {
                Make(directory);
                group.UnifiedHandle = Descriptors.Own(Descriptors.Open(directory, DirectoryOnly));
            }

            foreach (var controller in controllers ?? [])
            {
                group.Ensure(controller);
            }

            group.SetLimits(limits);
            return group;
        }
        catch (Exception failure) when (failure is LinuxException or IOException)
        {
            group.Dispose();
            group.Delete();
            throw;
        }
    }

    /// <summary>Names a cgroup that exists, to look at, kill or delete it.</summary>
    public static Cgroup Find(CgroupHierarchies hierarchies, string name)
    {
        var group = new Cgroup(hierarchies, name);
        foreach (var root in hierarchies.Version1.Values.Distinct())
        {
            if (Directory.Exists($"{root}/{name}"))
            {
                group._version1[root] = $"{root}/{name}";
            }
        }

        return group;
    }

    /// <summary>
    /// Sets or changes limits. Processes already inside move along when a limit needs another hierarchy.
    /// </summary>
    public void SetLimits(CgroupLimits limits)
    {
        foreach (var controller in limits.Controllers)
        {
            Ensure(controller);
        }

        if (limits.Cpus is { } cpus)
        {
            var quota = (long)(cpus * CpuPeriodMicroseconds);
            Set("cpu", "cpu.cfs_quota_us", Text(quota), "cpu.max", $"{quota} {CpuPeriodMicroseconds}");
        }

        if (limits.MemoryBytes is { } bytes)
        {
            Set("memory", "memory.limit_in_bytes", Text(bytes), "memory.max", Text(bytes));
        }

        if (limits.Processes is { } processes)
        {
            Set("pids", "pids.max", Text(processes), "pids.max", Text(processes));
        }
    }

    /// <summary>Moves a running process into it, with all its threads.</summary>
    public void Enter(int process)
    {
        foreach (var directory in Directories)
        {
            File.WriteAllText($"{directory}/cgroup.procs", Text(process));
        }
    }

    /// <summary>Ids of the processes inside, as this process's namespace numbers them.</summary>
    public IReadOnlySet<int> Members()
    {
        var members = new HashSet<int>();
        foreach (var directory in Directories)
        {
            members.UnionWith(ReadMembers($"{directory}/cgroup.procs"));
        }

        return members;
    }

    /// <summary>Ids of the processes inside and in cgroups below it.</summary>
    public IReadOnlySet<int> TreeMembers()
    {
        var members = new HashSet<int>(Members());
        foreach (var child in Children())
        {
            using var below = Find(_hierarchies, child);
            members.UnionWith(below.TreeMembers());
        }

        return members;
    }

    /// <summary>
    /// Whether it was ever killed by <c>cgroup.kill</c>. Such a cgroup is for nobody else: Linux 6.18 compares its count of kills with that of
    /// the cgroup that a clone comes from, and kills whatever is cloned into it.
    /// </summary>
    public bool WasKilled { get; private set; }

    /// <summary>Whether no process is inside.</summary>
    public bool IsEmpty
    {
        get
        {
            Span<byte> one = stackalloc byte[1];
            if (_version1.Count == 0 && UnifiedHandle is not null)
            {
                return !IsPopulated();
            }

            foreach (var directory in Directories)
            {
                if (Descriptors.ReadStart($"{directory}/cgroup.procs", one) > 0)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Names of the cgroups directly inside, in any hierarchy.</summary>
    public IReadOnlySet<string> Children() => Directories
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories)
        .Select(path => $"{Name}/{Path.GetFileName(path)}")
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>Lets a user divide it: its limits, which stand in its parent's files or above, are not theirs to change.</summary>
    public void GiveTo(uint user)
    {
        foreach (var directory in Directories)
        {
            FileCalls.ChangeOwner(directory, user, user);
            foreach (var file in Delegated.Select(name => $"{directory}/{name}").Where(File.Exists))
            {
                FileCalls.ChangeOwner(file, user, user);
            }
        }
    }

    /// <summary>Kills every process inside, those being forked too. Returns whether there was any.</summary>
    public bool KillAll()
    {
        var killed = false;
        var file = $"{UnifiedDirectory}/cgroup.kill";
        if (UnifiedDirectory is not null && File.Exists(file))
        {
            killed = ReadMembers($"{UnifiedDirectory}/cgroup.procs").Count > 0;
            WasKilled = true;
            File.WriteAllText(file, "1");
        }

        // Without cgroup.kill a fork can slip between reading and killing, so it is repeated until nobody is left
        // alive.
        for (var members = Members(); members.Count > 0 && members.Any(IsAlive); members = Members())
        {
            killed = true;
            foreach (var member in members)
            {
                ProcessControl.Signal(member, Kill);
            }
        }

        return killed;
    }

    /// <summary>Sends a signal to every process inside. Returns to how many.</summary>
    public int SignalAll(int signal) => Members().Count(member => ProcessControl.Signal(member, signal));

    /// <summary>How many of its processes were killed for want of memory.</summary>
    public long OutOfMemoryKills()
    {
        var file = _version1.TryGetValue("memory", out var directory)
            ? $"{directory}/memory.oom_control"
            : $"{UnifiedDirectory}/memory.events";
        if (!File.Exists(file))
        {
            return 0;
        }

        var line = File.ReadLines(file).FirstOrDefault(text => text.StartsWith("oom_kill ", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture);
    }

    /// <summary>Removes its directories. False when processes are still inside.</summary>
    public bool Delete()
    {
        var gone = true;
        foreach (var directory in Directories)
        {
            gone &= TryRemove(directory);
        }

        return gone;
    }

    /// <summary>Kills every process inside and in cgroups below it.</summary>
    public void KillTree()
    {
        foreach (var child in Children())
        {
            Find(_hierarchies, child).KillTree();
        }

        KillAll();
    }

    /// <summary>
    /// Removes the cgroups below it and its own directories. False when processes are still inside any.
    /// </summary>
    public bool DeleteTree()
    {
        var gone = true;
        foreach (var child in Children())
        {
            gone &= Find(_hierarchies, child).DeleteTree();
        }

        return gone && Delete();
    }

    /// <summary>Closes its handles; the cgroup stays.</summary>
    public void Dispose()
    {
        UnifiedHandle?.Dispose();
        _events?.Dispose();
        _joins.ForEach(handle => handle.Dispose());
    }

    // The open file is read again and again: to walk to it and open it costs several times the look.
    private bool IsPopulated()
    {
        const int ReadOnly = 0;
        _events ??= Descriptors.Own(Descriptors.Open($"{UnifiedDirectory}/cgroup.events", ReadOnly));
        Span<byte> text = stackalloc byte[64];
        var count = RandomAccess.Read(_events, text, 0);
        return text[..count].IndexOf("populated 1"u8) >= 0;
    }

    private void Ensure(string controller)
    {
        if (_hierarchies.Version1.TryGetValue(controller, out var root))
        {
            Join(controller, $"{root}/{Name}");
        }
        else if (!_hierarchies.UnifiedControllers.Contains(controller))
        {
            throw new LinuxException(LinuxErrno.ENOSYS, $"limit {controller}: no cgroup hierarchy here has that controller");
        }
        else
        {
            Delegate(controller);
        }
    }

    private void Join(string controller, string directory)
    {
        if (!_version1.TryAdd(controller, directory))
        {
            return;
        }

        Make(directory);
        foreach (var member in Members())
        {
            Move(member, $"{directory}/cgroup.procs");
        }

        _joins.Add(Descriptors.Own(Descriptors.Open($"{directory}/cgroup.procs", WriteOnly)));
    }

    private static void Move(int member, string file)
    {
        try
        {
            File.WriteAllText(file, Text(member));
        }
        catch (UnauthorizedAccessException)
        {
            // Version 1 lets nobody but the machine's root move another user's process, whatever a user namespace says.
            throw new LinuxException(LinuxErrno.EACCES, $"limit process {member}, which runs as another user; limit it before it starts");
        }
        catch (IOException) when (!IsAlive(member))
        {
            // It ended in between, and needs no limit.
        }
    }

    // Version 2 gives a controller to a cgroup only when each ancestor passes it on.
    private void Delegate(string controller)
    {
        var directory = _hierarchies.Unified!;
        foreach (var part in Name.Split('/'))
        {
            var file = $"{directory}/cgroup.subtree_control";
            if (!File.ReadAllText(file).Split(' ', '\n').Contains(controller))
            {
                File.WriteAllText(file, $"+{controller}");
            }

            directory = $"{directory}/{part}";
        }
    }

    private void Set(string controller, string file1, string value1, string file2, string value2)
    {
        var (file, value) = _version1.TryGetValue(controller, out var directory)
            ? ($"{directory}/{file1}", value1)
            : ($"{UnifiedDirectory}/{file2}", value2);
        try
        {
            File.WriteAllText(file, value);
        }
        catch (IOException)
        {
            throw new LinuxException(LinuxErrno.EINVAL, $"set {file} to {value}");
        }
    }

    private static void Make(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (UnauthorizedAccessException)
        {
            throw new LinuxException(LinuxErrno.EACCES, $"make the cgroup {directory}");
        }
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static HashSet<int> ReadMembers(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(id => id != 0)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static bool IsAlive(int process) => ProcessStat.Read(process) is { State: not ('Z' or 'X') };

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
