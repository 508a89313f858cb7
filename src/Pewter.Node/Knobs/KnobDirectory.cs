using Pewter.Tree;

namespace Pewter.Node.Knobs;

/// <summary>The agent's <c>/knob</c>: kernel settings that exist here, a file each, and <c>leases</c>.</summary>
internal static class KnobDirectory
{
    // Settings that experiments turn and that mean something on any machine.
    private static readonly string[] Settings =
    [
        "vm/swappiness", "vm/dirty_ratio", "vm/dirty_background_ratio", "vm/overcommit_memory", "vm/vfs_cache_pressure",
        "kernel/sched_autogroup_enabled", "kernel/numa_balancing", "kernel/randomize_va_space",
        "net/core/somaxconn", "net/core/rmem_max", "net/core/wmem_max", "net/ipv4/tcp_congestion_control", "net/ipv4/ip_forward",
    ];

    internal static TreeDirectory Create(KnobLeases leases)
    {
        var root = new TreeDirectory().Add("leases", new TextFile(leases.Describe));
        var directories = new Dictionary<string, TreeDirectory>(StringComparer.Ordinal) { [""] = root };
        foreach (var setting in Settings.Where(setting => File.Exists($"/proc/sys/{setting}")))
        {
            var knob = new Knob(
                setting,
                () => File.ReadAllText($"/proc/sys/{setting}").Trim(),
                value => File.WriteAllText($"/proc/sys/{setting}", value));
            Parent(directories, setting).Add(Path.GetFileName(setting), FileOf(knob, leases));
        }

        return root;
    }

    private static SettingFile FileOf(Knob knob, KnobLeases leases) =>
        new(knob.Read, (value, _, _) =>
        {
            leases.Turn(knob, value);
            return ValueTask.CompletedTask;
        })
        { Mode = UnixMode.Octal(644) };

    private static TreeDirectory Parent(Dictionary<string, TreeDirectory> directories, string path)
    {
        var slash = path.LastIndexOf('/');
        var name = slash < 0 ? "" : path[..slash];
        if (!directories.TryGetValue(name, out var directory))
        {
            directory = new TreeDirectory();
            Parent(directories, name).Add(Path.GetFileName(name), directory);
            directories[name] = directory;
        }

        return directory;
    }
}
