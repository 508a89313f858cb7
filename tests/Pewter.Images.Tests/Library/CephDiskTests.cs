using Pewter.Testing.Ceph;

namespace Pewter.Images.Tests.Library;

/// <summary>Disks in a Ceph pool, by the same service and the same engines as all others.</summary>
public sealed class CephDiskTests(CephFixture ceph) : IClassFixture<CephFixture>
{
    [Fact]
    public async Task A_disk_in_a_Ceph_pool_is_made_of_an_image_served_resized_found_again_and_released()
    {
        await using var house = await ImageHouse.StartAsync(new ImageServiceOptions { Rbd = $"{ceph.ConfigurationFile}:rbd" });
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "count=2", "name=far", "backing=rbd");
        await house.WriteDiskAsync("far-1", 0x77);
        Assert.All(await house.ReadDiskAsync("far-1"), value => Assert.Equal(0x77, value));
        Assert.All(await house.ReadDiskAsync("far-2"), value => Assert.Equal(0x5A, value));
        Assert.Equal("rbd", (await house.JsonAsync("/disk/far-1")).GetProperty("backing").GetString());
        await house.SayAsync("/disk/far-1", "resize", "8Mi");
        Assert.Contains("8 MiB", await ceph.RunAsync($"rbd info {Assert.Single(await PoolAsync(), name => name.EndsWith("-d1"))}"));
        var server = house.Blockd;
        house.KillBlockd();
        await Testing.Until.TrueAsync(() => house.Blockd != 0 && house.Blockd != server, "the server is back");
        await Testing.Until.TrueAsync(async () => (await house.ServedAsync()).Count == 2, "both are served again");
        Assert.All(await house.ReadDiskAsync("far-1"), value => Assert.Equal(0x77, value));
        await house.SayAsync("/disk/far-1", "release", "force");
        await house.SayAsync("/disk/far-2", "release", "force");
        Assert.DoesNotContain(await PoolAsync(), name => name.EndsWith("-d1") || name.EndsWith("-d2"));
    }

    private async Task<string[]> PoolAsync() => (await ceph.RunAsync("rbd ls")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
