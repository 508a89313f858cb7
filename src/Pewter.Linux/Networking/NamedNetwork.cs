using Pewter.Linux.Mounts;
using Pewter.Linux.Namespaces;

namespace Pewter.Linux.Networking;

/// <summary>
/// Network namespaces with a name, in the place where iproute2 keeps them, so that <c>ip -n NAME</c> and <c>nsenter</c>
/// work on them.
/// </summary>
public static class NamedNetwork
{
    /// <summary>Where the names are.</summary>
    public const string Directory = "/run/netns";

    private static readonly Lock Gate = new();

    /// <summary>The path of a namespace.</summary>
    public static string PathOf(string name) => $"{Directory}/{name}";

    /// <summary>Whether a name leads to a namespace; the file alone is none.</summary>
    public static bool Exists(string name) => File.Exists(PathOf(name)) && MountPoints.IsMountedOn(PathOf(name), "nsfs");

    /// <summary>Makes a namespace with loopback up and, for its interfaces to come, IPv6 addresses that may be used at once.</summary>
    /// <exception cref="LinuxException">EEXIST: the name is taken.</exception>
    public static void Create(string name)
    {
        lock (Gate)
        {
            Share();
            var path = PathOf(name);
            if (Exists(name))
            {
                throw new LinuxException(LinuxErrno.EEXIST, $"make network namespace {name}");
            }

            File.WriteAllBytes(path, []);
            OwnThread.Run(() =>
            {
                NamespaceHandle.UnshareThread(NamespaceKinds.Network);
                Sockets.NetworkInterface.BringUp("lo");
                Set("ipv6/conf/default/accept_dad", "0");
                Set("ipv6/conf/default/accept_ra", "0");

                // Bound last: whoever sees the name finds all of it.
                KernelMounts.Mount("/proc/thread-self/ns/net", path, null, MountFlags.Bind);
                return true;
            });
        }
    }

    /// <summary>Sets a value below <c>/proc/sys/net</c> of the namespace that the calling thread is in; absent ones are left alone.</summary>
    private static void Set(string key, string value)
    {
        var path = $"/proc/sys/net/{key}";
        if (File.Exists(path))
        {
            File.WriteAllText(path, value);
        }
    }

    /// <summary>Removes a name; the namespace goes with the last process and file that is in it.</summary>
    public static void Remove(string name)
    {
        lock (Gate)
        {
            var path = PathOf(name);
            if (Exists(name))
            {
                KernelMounts.Unmount(path, detach: true);
            }

            File.Delete(path);
        }
    }

    // As 'ip netns' does, under the same lock, so that a name removed here is removed for everybody who has a copy of the mounts.
    private static void Share()
    {
        System.IO.Directory.CreateDirectory(Directory);
        using var directory = Descriptors.Own(Descriptors.Open(Directory, 0));
        Files.FileLocks.Lock(directory);
        try
        {
            KernelMounts.Mount("", Directory, "none", MountFlags.Shared | MountFlags.Recursive);
        }
        catch (LinuxException notMounted) when (notMounted.Errno == LinuxErrno.EINVAL)
        {
            KernelMounts.Mount(Directory, Directory, "none", MountFlags.Bind | MountFlags.Recursive);
            KernelMounts.Mount("", Directory, "none", MountFlags.Shared | MountFlags.Recursive);
        }
    }
}
