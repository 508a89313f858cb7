using Pewter.Testing.Guests;

namespace Pewter.Kernels.Tests.Blocks;

/// <summary>Uses a disk in a guest as people do: a file system, files, checks.</summary>
internal static class FileSystem
{
    public static async Task MakeAndFillAsync(Guest guest, string device)
    {
        await guest.MustRunAsync($"/sbin/mke2fs -q -F -t ext4 {device}", TimeSpan.FromMinutes(3));
        await guest.MustRunAsync($"mount -t ext4 {device} /mnt");
        await FillAsync(guest, "first");
        await guest.MustRunAsync("cd / && umount /mnt", TimeSpan.FromMinutes(2));
    }

    /// <summary>Writes files and their sums into a folder of the mounted file system.</summary>
    public static async Task FillAsync(Guest guest, string folder)
    {
        await guest.MustRunAsync($"mkdir /mnt/{folder} && cd /mnt/{folder}");
        await guest.MustRunAsync("for i in 1 2 3 4 5 6; do head -c 1500000 /dev/urandom > file$i; done; cp /bin/busybox .", TimeSpan.FromMinutes(2));
        await guest.MustRunAsync("rm file3 && md5sum * > /mnt/sums && sync && cd /", TimeSpan.FromMinutes(2));
        await guest.MustRunAsync($"mv /mnt/sums /mnt/{folder}/sums && sync", TimeSpan.FromMinutes(2));
    }

    /// <summary>Checks the structure, then the content from the disk and not from memory.</summary>
    public static async Task CheckAsync(Guest guest, string device, params string[] folders)
    {
        await guest.MustRunAsync("echo 3 > /proc/sys/vm/drop_caches");
        await guest.MustRunAsync($"/sbin/e2fsck -fn {device}", TimeSpan.FromMinutes(3));
        await guest.MustRunAsync($"mount -t ext4 {device} /mnt");
        foreach (string folder in folders.DefaultIfEmpty("first"))
            await guest.MustRunAsync($"cd /mnt/{folder} && md5sum -c sums && cd /", TimeSpan.FromMinutes(2));
        await guest.MustRunAsync("umount /mnt");
    }
}
