using System.Globalization;
using Pewter.Linux.Cgroups;

namespace Pewter.CommandLine.Diagnosis;

/// <summary>What this kernel offers, found by looking and by trying.</summary>
internal static class KernelProbe
{
    /// <summary>pidfds, clone3 and open_tree are all there.</summary>
    private static readonly Version Oldest = new(5, 10);

    /// <summary>The daemon holds a descriptor for each connection, process and stream.</summary>
    private const long DescriptorsMin = 4096;

    public static IEnumerable<Finding> All(CommandHost host)
    {
        yield return Version();
        yield return Fuse(host.IsRoot);
        yield return Tun();
        yield return Cgroups(host.IsRoot);
        yield return Namespaces(host.IsRoot);
        yield return FileSystem("overlay", "root file systems of cells in layers");
        yield return Pressure();
        yield return Descriptors();
    }

    private static Finding Version()
    {
        var text = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var version = Environment.OSVersion.Version;
        return version >= Oldest ? Finding.Works("kernel", text) : Finding.Fails("kernel", $"{text} is older than {Oldest}");
    }

    private static Finding Fuse(bool isRoot)
    {
        const string Name = "fuse";
        if (!File.Exists("/dev/fuse"))
        {
            return Finding.Lacks(Name, "no /dev/fuse: 'pewter mount' cannot work", "modprobe fuse");
        }

        if (!CanOpen("/dev/fuse"))
        {
            return Finding.Lacks(Name, "/dev/fuse may not be opened: 'pewter mount' cannot work", "chmod 666 /dev/fuse");
        }

        return isRoot || OnPath("fusermount3")
            ? Finding.Works(Name, "the tree can be mounted")
            : Finding.Lacks(Name, "no fusermount3: only root can mount the tree", Install("fuse3"));
    }

    private static Finding Tun() => !File.Exists("/dev/net/tun")
        ? Finding.Lacks("tun", "no /dev/net/tun: virtual machines get no network", "modprobe tun")
        : CanOpen("/dev/net/tun")
            ? Finding.Works("tun", "virtual machines can have networks")
            : Finding.Lacks("tun", "/dev/net/tun may not be opened: virtual machines get no network");

    private static Finding Cgroups(bool isRoot)
    {
        const string Name = "cgroups";
        var hierarchies = CgroupHierarchies.Read();
        string[] wanted = ["cpu", "memory", "pids"];
        var missing = wanted.Where(controller => !hierarchies.Has(controller)).ToList();
        var kind = hierarchies.Version1.Count != 0 ? hierarchies.UnifiedControllers.Count != 0 ? "v1 and v2" : "v1" : "v2";
        if (missing.Count != 0)
        {
            return Finding.Lacks(Name, $"{kind}, without {string.Join(", ", missing)}: processes cannot be limited by them");
        }

        return isRoot
            ? Finding.Works(Name, $"{kind}: {string.Join(", ", wanted)}")
            : Finding.Lacks(Name, $"{kind}, and only root may limit processes", "sudo pewter up");
    }

    private static Finding Namespaces(bool isRoot)
    {
        const string Name = "namespaces";
        string[] wanted = ["mnt", "pid", "net", "uts", "ipc", "user"];
        var missing = wanted.Where(kind => !File.Exists($"/proc/self/ns/{kind}")).ToList();
        if (missing.Count != 0)
        {
            return Finding.Lacks(Name, $"without {string.Join(", ", missing)}: cells are not closed off by them");
        }

        const string Switch = "/proc/sys/kernel/unprivileged_userns_clone";
        var isForRootOnly = File.Exists(Switch) && File.ReadAllText(Switch).Trim() == "0";
        return !isRoot && isForRootOnly
            ? Finding.Lacks(Name, "only root may make them", "sudo sysctl kernel.unprivileged_userns_clone=1")
            : Finding.Works(Name, string.Join(", ", wanted));
    }

    private static Finding FileSystem(string name, string use) =>
        File.ReadLines("/proc/filesystems").Any(line => line.TrimEnd().EndsWith(name, StringComparison.Ordinal))
            ? Finding.Works(name, use)
            : Finding.Lacks(name, $"not in this kernel: no {use}", $"modprobe {name}");

    private static Finding Pressure() => File.Exists("/proc/pressure/cpu")
        ? Finding.Works("pressure", "stalls of cpu, memory and disks can be told")
        : Finding.Lacks("pressure", "no /proc/pressure: stalls cannot be told");

    private static Finding Descriptors()
    {
        var line = File.ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal)) ?? "";
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var hard = words.Length > 4 && long.TryParse(words[4], CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue;
        return hard >= DescriptorsMin
            ? Finding.Works("descriptors", hard == long.MaxValue ? "unlimited" : $"up to {hard} a process")
            : Finding.Lacks("descriptors", $"at most {hard} a process, below {DescriptorsMin}", $"ulimit -n {DescriptorsMin}");
    }

    internal static string Install(string package) => $"apt-get install -y {package}";

    internal static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin")
        .Any(directory => File.Exists(Path.Combine(directory, program)));

    private static bool CanOpen(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
