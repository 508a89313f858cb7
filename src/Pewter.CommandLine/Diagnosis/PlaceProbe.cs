using Pewter.CommandLine.Output;
using Pewter.Configuration;
using Pewter.Fuse;

namespace Pewter.CommandLine.Diagnosis;

/// <summary>Programs, directories and leftovers.</summary>
internal static class PlaceProbe
{
    /// <summary>A journal that cannot grow stops the daemon's work.</summary>
    private const long FreeBytesMin = 256L << 20;

    private static readonly (string Program, string Package, string Use)[] Tools =
    [
        ("ip", "iproute2", "networks"),
        ("nft", "nftables", "isolation of networks"),
        ("qemu-img", "qemu-utils", "import of foreign disk images"),
        ("mke2fs", "e2fsprogs", "images of directories, archives and OCI layouts"),
        ("mmdebstrap", "mmdebstrap", "composing of Debian images"),
        ("mcopy", "mtools", "boot partitions of composed disks"),
        ("mkfs.vfat", "dosfstools", "boot partitions of composed disks"),
        ("syslinux", "syslinux", "boot loader of composed disks"),
        ("ovs-vsctl", "openvswitch-switch", "networks that are VLANs of a switch"),
    ];

    public static IEnumerable<Finding> All(PewterPaths paths) => Tools
        .Select(tool => KernelProbe.OnPath(tool.Program)
            ? Finding.Works(tool.Program, tool.Use)
            : Finding.Lacks(tool.Program, $"not installed: no {tool.Use}", KernelProbe.Install(tool.Package)))
        .Append(State(paths))
        .Append(LeftOvers());

    private static Finding State(PewterPaths paths)
    {
        const string Name = "state";
        var place = paths.State;
        while (!Directory.Exists(place))
        {
            place = Path.GetDirectoryName(place)!;
        }

        try
        {
            var probe = Path.Combine(place, $".pewter-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Finding.Fails(Name, $"{paths.State} cannot be written: {exception.Message}", "pewter up --state DIR");
        }

        var free = new DriveInfo(place).AvailableFreeSpace;
        return free >= FreeBytesMin
            ? Finding.Works(Name, $"{paths.State}, {Bytes.Text(free)} free")
            : Finding.Fails(Name, $"{paths.State} has only {Bytes.Text(free)} free", "pewter up --state DIR");
    }

    private static Finding LeftOvers()
    {
        var mounts = FuseMount.LeftOvers();
        return mounts.Count == 0
            ? Finding.Works("leftovers", "no dead mounts")
            : Finding.Lacks("leftovers", $"dead mounts: {string.Join(", ", mounts)}", "pewter clean");
    }
}
