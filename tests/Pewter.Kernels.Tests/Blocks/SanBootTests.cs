using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Transfer;

namespace Pewter.Kernels.Tests.Blocks;

/// <summary>A machine without a disk boots Debian from an iSCSI clone, from its firmware to a login.</summary>
public sealed class SanBootTests
{
    [Fact]
    public async Task Debian_boots_by_iPXE_sanboot_to_its_login_prompt()
    {
        string image = Programs.RequireCached("disks/debian-12.raw", "eng/debian-disk.sh");
        string? recordTo = Environment.GetEnvironmentVariable("PEWTER_RECORD_BOOT");
        using var recording = new ReadRecording();
        await using BlockServer server = await BlockServer.StartAsync(device => recordTo is null ? device : recording.Over(device));
        await ImportAsync(server.Store, image);
        DiskInfo disk = await server.Store.CloneAsync("debian");
        Export export = server.Serve(disk.Id);
        string target = $"{BlockServer.Prefix}:{disk.Id}";
        await using Firmware machine = Firmware.Boot($"""
            #!ipxe
            dhcp
            set initiator-iqn {BlockServer.Initiator}
            set username guest
            set password {BlockServer.Secret}
            sanboot iscsi:10.0.2.2::{server.IscsiPort}:0:{target}
            """);

        await machine.SaysAsync("login:", TimeSpan.FromMinutes(8));
        await machine.TypeAsync("root");
        await machine.SaysAsync("Password:", TimeSpan.FromMinutes(2));
        await machine.TypeAsync("pewter");
        await machine.SaysAsync("root@debian", TimeSpan.FromMinutes(2));
        await machine.TypeAsync("cat /sys/firmware/ibft/target0/target-name; touch /root/was-here; sync; echo all is $((40 + 2))");
        await machine.SaysAsync("all is 42", TimeSpan.FromMinutes(3));
        Assert.Contains(target, machine.Console, StringComparison.Ordinal);
        Assert.True(export.Traffic.BytesRead > 30 << 20, $"{export.Traffic.BytesRead} bytes were read");
        Assert.True(export.Traffic.BytesRead < 500 << 20, $"{export.Traffic.BytesRead} bytes were read");
        if (recordTo is not null)
            recording.Save(recordTo);
    }

    private static async Task ImportAsync(LayerStore store, string image)
    {
        await using FileStream file = File.OpenRead(image);
        await using RawImport import = await RawImport.BeginAsync(store, "debian", image, default);
        await import.TakeAsync(file, null, default);
        await import.CompleteAsync(file.Length, null, default);
    }
}
