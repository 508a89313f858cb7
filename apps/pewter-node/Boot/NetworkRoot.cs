using System.Net;
using Pewter.Linux;
using Pewter.Linux.Mounts;

namespace Pewter.Apps.Node.Boot;

/// <summary>
/// A root over the network: <c>pewter.root=nbd://ADDRESS:PORT/EXPORT</c>, and with <c>pewter.overlay</c> one that is only read, what is written
/// living in memory. The partition is the first that has an init; <c>pewter.partition=N</c> names another.
/// </summary>
internal static class NetworkRoot
{
    private const string Root = "/pewter-root";
    private const string Below = "/pewter-below";
    private const string Memory = "/pewter-memory";
    private static readonly string[] Types = ["ext4", "xfs", "btrfs", "squashfs"];
    private static readonly string[] Inits = ["/sbin/init", "/lib/systemd/systemd", "/etc/init", "/bin/init"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Mounts it and makes way for its process 1: returns never, or fails with what is wrong.</summary>
    internal static async Task EnterAsync(string address, KernelWords words, TimeProvider time)
    {
        var uri = new Uri(address);
        if (uri.Scheme != "nbd")
        {
            throw new IOException($"pewter.root is nbd://ADDRESS:PORT/EXPORT, not '{address}'");
        }

        var server = new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port > 0 ? uri.Port : 10809);
        var device = RootKeeper.Start(server, uri.AbsolutePath.TrimStart('/'));
        var isOverlay = words.Has("pewter.overlay");
        var init = await MountAsync(device, words["pewter.partition"], isOverlay ? Below : Root, isOverlay, time);
        if (isOverlay)
        {
            Overlay();
        }

        StandardStreams.Print($"pewter-node: the root is {address}{(isOverlay ? ", written to in memory" : "")}");
        RootSwitch.To(Root, words["init"] ?? init);
    }

    private static async Task<string> MountAsync(string device, string? partition, string target, bool readOnly, TimeProvider time)
    {
        var began = time.GetTimestamp();
        Directory.CreateDirectory(target);
        while (true)
        {
            // The first open has the kernel read the table of partitions.
            await using (File.OpenRead(device))
            {
            }

            foreach (var place in Places(device, partition))
            {
                if (TryMount(place, target, readOnly) && Inits.FirstOrDefault(each => IsThere(target, each)) is { } init)
                {
                    return init;
                }

                TryUnmount(target);
            }

            if (time.GetElapsedTime(began) > Patience)
            {
                throw new IOException($"no file system of {device} has an init: {string.Join(", ", Places(device, partition))}");
            }

            await Task.Delay(Look, time);
        }
    }

    private static IEnumerable<string> Places(string device, string? partition)
    {
        var parts = Directory.EnumerateDirectories($"/sys/block/{Path.GetFileName(device)}", Path.GetFileName(device) + "p*")
            .Select(path => "/dev/" + Path.GetFileName(path)).Order(StringComparer.Ordinal).ToList();
        return partition is not null ? parts.Where(each => each == $"{device}p{partition}") : [.. parts, device];
    }

    // A link's target may be absolute, which is another place while this is not the root.
    private static bool IsThere(string root, string path) => File.Exists(root + path)
        || (new FileInfo(root + path).LinkTarget is { } target && File.Exists(root + Path.GetFullPath(target, Path.GetDirectoryName(path)!)));

    private static bool TryMount(string device, string target, bool readOnly)
    {
        foreach (var type in Types)
        {
            try
            {
                KernelMounts.Mount(device, target, type, readOnly ? MountFlags.ReadOnly : MountFlags.None);
                return true;
            }
            catch (LinuxException)
            {
                // Another type, or another partition.
            }
        }

        return false;
    }

    private static void TryUnmount(string target)
    {
        try
        {
            KernelMounts.Unmount(target);
        }
        catch (LinuxException)
        {
            // Nothing was mounted.
        }
    }

    private static void Overlay()
    {
        foreach (var directory in (string[])[Memory, Root])
        {
            Directory.CreateDirectory(directory);
        }

        KernelMounts.Mount("memory", Memory, "tmpfs", MountFlags.None, "mode=755");
        Directory.CreateDirectory(Memory + "/upper");
        Directory.CreateDirectory(Memory + "/work");
        KernelMounts.Mount("overlay", Root, "overlay", MountFlags.None, $"lowerdir={Below},upperdir={Memory}/upper,workdir={Memory}/work");
    }
}
