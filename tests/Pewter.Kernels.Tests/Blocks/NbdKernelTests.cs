using Pewter.Blocks.Layers;
using Pewter.Testing.Guests;

namespace Pewter.Kernels.Tests.Blocks;

/// <summary>A kernel's own NBD client on our server.</summary>
public sealed class NbdKernelTests
{
    [Fact]
    public async Task A_file_system_is_made_filled_and_checked_over_nbd_client()
    {
        await using BlockServer server = await BlockServer.StartAsync();
        DiskInfo disk = await server.Store.CreateDiskAsync(64 << 20);
        server.Serve(disk.Id);
        await using Guest guest = await Guest.BootAsync(new GuestOptions
        {
            Kernel = "cloud-6.1",
            Modules = ["nbd", "ext4"],
            Files = new Dictionary<string, string>
            {
                ["/sbin/nbd-client"] = Programs.Require("nbd-client"),
                ["/sbin/mke2fs"] = Programs.Require("mke2fs"),
                ["/sbin/e2fsck"] = Programs.Require("e2fsck"),
            },
        });

        await guest.MustRunAsync($"nbd-client 10.0.2.2 {server.NbdPort} /dev/nbd0 -N {disk.Id} -C 2");
        await FileSystem.MakeAndFillAsync(guest, "/dev/nbd0");
        await FileSystem.CheckAsync(guest, "/dev/nbd0");
        await guest.MustRunAsync("nbd-client -d /dev/nbd0");

        VerifyReport report = await server.Store.VerifyAsync(disk.Id);
        Assert.Empty(report.Damages);
        Assert.True(report.Checked > 1000, $"{report.Checked} blocks were written");
    }
}
