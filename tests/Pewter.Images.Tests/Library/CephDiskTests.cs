using System.Text.Json;
using Pewter.NineP;
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
        Assert.Contains("8 MiB", await ceph.RunAsync($"rbd info {Assert.Single(await PoolAsync(house), name => name.EndsWith("-d1"))}"));
        var server = house.Blockd;
        house.KillBlockd();
        await Testing.Until.TrueAsync(() => house.Blockd != 0 && house.Blockd != server, "the server is back");
        await Testing.Until.TrueAsync(async () => await ServedStatesAsync(house) == "served served", "both are served again");
        Assert.All(await house.ReadDiskAsync("far-1"), value => Assert.Equal(0x77, value));
        await house.SayAsync("/disk/far-1", "release", "force");
        await house.SayAsync("/disk/far-2", "release", "force");
        Assert.DoesNotContain(await PoolAsync(house), name => name.EndsWith("-d1") || name.EndsWith("-d2"));
    }

    [Fact]
    public async Task A_disk_in_a_Ceph_pool_is_frozen_cloned_rolled_back_verified_and_exported_while_it_is_in_use()
    {
        await using var house = await ImageHouse.StartAsync(new ImageServiceOptions { Rbd = $"{ceph.ConfigurationFile}:rbd" });
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=far", "backing=rbd");
        await house.WriteDiskAsync("far", 0x11);
        await house.SayAsync("/disk/far", "snapshot", "first");
        await house.WriteDiskAsync("far", 0x22);
        await house.SayAsync("/disk/far", "snapshot", "second");
        Assert.Equal("rbd", (await house.JsonAsync("/image/first")).GetProperty("backing").GetString());

        // Disks of what was frozen in the pool lie there too, without a word.
        await house.SayAsync("/disk", "create", "image=first", "name=copy");
        await house.SayAsync("/disk", "clone", "far", "name=twin");
        Assert.Equal("rbd", (await house.JsonAsync("/disk/copy")).GetProperty("backing").GetString());
        await HoldsAsync(house, "copy", 0x11);
        await HoldsAsync(house, "twin", 0x22);
        var near = await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/disk", "create", "image=first", "backing=layers"));
        Assert.Equal(Errno.EINVAL, near.Errno);

        await house.SayAsync("/disk/far", "rollback", "first");
        await HoldsAsync(house, "far", 0x11);
        await house.SayAsync("/disk/far", "rollback", "golden");
        await HoldsAsync(house, "far", 0x5A);
        await house.WriteDiskAsync("far", 0x33);
        await house.SayAsync("/disk/far", "verify");
        await house.SayAsync("/image/first", "verify");

        var (raw, qcow2) = (Path.Combine(house.Scratch, "far.raw"), Path.Combine(house.Scratch, "first.qcow2"));
        await house.SayAsync("/disk/far", "export", raw);
        Assert.All(File.ReadAllBytes(raw)[..4096], value => Assert.Equal(0x33, value));
        await house.SayAsync("/image/first", "export", qcow2, "format=qcow2");
        await house.SayAsync("/image", "import", qcow2, "near");
        await house.SayAsync("/disk", "create", "image=near", "name=near");
        await HoldsAsync(house, "near", 0x11);

        // The disk goes, and what stands on its snapshots stays; a flattened one stands alone.
        await house.SayAsync("/disk/far", "release", "force");
        await HoldsAsync(house, "copy", 0x11);
        Assert.Equal(Errno.EBUSY, (await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image/first", "remove"))).Errno);
        await house.SayAsync("/disk/copy", "flatten");
        await house.SayAsync("/disk/twin", "release", "force");
        await house.SayAsync("/image/second", "remove");
        await house.SayAsync("/image/first", "remove");
        await HoldsAsync(house, "copy", 0x11);
        await house.SayAsync("/disk/copy", "release", "force");
        await house.SayAsync("/disk/near", "release", "force");
        await house.SayAsync("/image/near", "remove");
        await house.SayAsync("/image/golden", "remove");
        await house.SayAsync("/image", "gc");
        Assert.Empty(await PoolAsync(house));
    }

    [Theory]
    [Trait("Category", "Soak")]
    [InlineData("snapshot second")]
    [InlineData("rollback first")]
    [InlineData("release force")]
    public async Task A_disk_server_that_is_killed_in_a_change_in_the_pool_leaves_the_state_before_or_after(string change)
    {
        await using var house = await ImageHouse.StartAsync(new ImageServiceOptions { Rbd = $"{ceph.ConfigurationFile}:rbd" });
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=far", "backing=rbd");
        await house.WriteDiskAsync("far", 0x11);
        await house.SayAsync("/disk/far", "snapshot", "first");
        await house.WriteDiskAsync("far", 0x22);
        var random = new Random(change.Length);
        var expected = (byte)(change[0] == 'r' ? 0x11 : 0x22);
        var rounds = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 20 : 2;
        for (var i = 0; i < rounds; i++)
        {
            var server = house.Blockd;
            var changing = Task.Run(() => house.SayAsync("/disk/far", change.Split(' ')));
            await Task.Delay(random.Next(60));
            house.KillBlockd();
            var isDone = await SucceedsAsync(changing);
            await Testing.Until.TrueAsync(() => house.Blockd != 0 && house.Blockd != server, "the server is back");
            await Testing.Until.TrueAsync(() => SucceedsAsync(Task.Run(() => house.SayAsync("/image", "gc"))), "what was cut short is ended");
            if (change == "release force")
            {
                isDone |= !(await house.Admin.ListAsync("/disk")).Contains("far");
                await (isDone ? Task.CompletedTask : RepeatAsync(house, change));
                await house.SayAsync("/disk", "create", "image=first", "name=far");
                await house.WriteDiskAsync("far", 0x22);
                continue;
            }

            await Testing.Until.TrueAsync(async () => await ServedStatesAsync(house) == "served", "the disk is served again");
            var first = (await house.ReadDiskAsync("far"))[0];
            Assert.True(first == 0x22 || (first == 0x11 && change.StartsWith("rollback", StringComparison.Ordinal)), $"it holds {first}");
            if (!isDone && (change[0] == 'r' || !(await house.Admin.ListAsync("/image")).Contains("second")))
            {
                await RepeatAsync(house, change);
            }

            await HoldsAsync(house, "far", expected);
            await house.SayAsync("/disk", "create", $"image={change.Split(' ')[1]}", "name=check");
            await HoldsAsync(house, "check", expected);
            await house.SayAsync("/disk/check", "release", "force");
            await (change[0] == 'r' ? house.WriteDiskAsync("far", 0x22) : Task.CompletedTask);
            if (change[0] == 's')
            {
                await house.SayAsync("/disk/far", "rollback", "first");
                await house.WriteDiskAsync("far", 0x22);
                await house.SayAsync("/image/second", "remove");
            }
        }

        await house.SayAsync("/disk/far", "release", "force");
        await house.SayAsync("/image/first", "remove");
        await house.SayAsync("/image/golden", "remove");
        await house.SayAsync("/image", "gc");
        Assert.Empty(await PoolAsync(house));
    }

    [Fact]
    public async Task Without_its_pool_a_disk_says_so_and_the_others_are_served()
    {
        var options = new ImageServiceOptions { Rbd = $"{ceph.ConfigurationFile}:rbd" };
        await using var house = await ImageHouse.StartAsync(options);
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=far", "backing=rbd");
        await house.SayAsync("/disk", "create", "image=golden", "name=near");
        await house.WriteDiskAsync("far", 0x11);
        var server = house.Blockd;
        await house.KillAsync();
        house.Kill(server);
        await house.RestartAsync(options with { Rbd = null });
        await Testing.Until.TrueAsync(() => house.Blockd != 0, "a disk server without the pool is there");
        await Testing.Until.TrueAsync(async () => (await house.ServedJsonAsync("d1")).TryGetProperty("fault", out var fault)
            && fault.GetString()!.Contains("disk.rbd"), "the disk says what it lacks");
        await HoldsAsync(house, "near", 0x5A);
        server = house.Blockd;
        await house.KillAsync();
        house.Kill(server);
        await house.RestartAsync(options);
        await Testing.Until.TrueAsync(() => house.Blockd != 0, "a disk server with the pool is there");
        await Testing.Until.TrueAsync(async () => await ServedStatesAsync(house) == "served served", "both are served");
        await HoldsAsync(house, "far", 0x11);
        await house.SayAsync("/disk/far", "release", "force");
    }

    private static async Task RepeatAsync(ImageHouse house, string change) => await house.SayAsync("/disk/far", change.Split(' '));

    private static async Task<bool> SucceedsAsync(Task change)
    {
        try
        {
            await change;
            return true;
        }
        catch (FileException)
        {
            return false;
        }
    }

    private static async Task HoldsAsync(ImageHouse house, string disk, byte pattern) =>
        Assert.All(await house.ReadDiskAsync(disk), value => Assert.Equal(pattern, value));

    private static async Task<string> ServedStatesAsync(ImageHouse house) =>
        string.Join(' ', await Task.WhenAll((await house.ServedAsync()).Select(async id => (await house.ServedJsonAsync(id)).GetProperty("state"))));

    /// <summary>What a house has in the pool, which all of them share.</summary>
    private async Task<string[]> PoolAsync(ImageHouse house)
    {
        using var places = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(house.Scratch, "store", "rbd.json")));
        var tag = places.RootElement.GetProperty("Tag").GetString()!;
        return [.. (await ceph.RunAsync("rbd ls")).Split('\n').Where(name => name.StartsWith(tag, StringComparison.Ordinal))];
    }
}
