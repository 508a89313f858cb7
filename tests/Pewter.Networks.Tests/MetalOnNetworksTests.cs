using Pewter.Machines;
using Pewter.Machines.Metal;
using Pewter.NineP.Serving;
using Pewter.Testing.Bmc;
using Pewter.Tree;

namespace Pewter.Networks.Tests;

/// <summary>Physical machines that do not come up: each says where its boot ended, and leaves neither machine, address nor boot file taken.</summary>
public sealed class MetalOnNetworksTests
{
    [Fact]
    public async Task A_machine_that_asks_its_network_for_nothing_fails_with_the_cause_and_is_free_again()
    {
        Assert.SkipUnless(IpmiSimulator.IsThere, "skipped, because it needs the package openipmi");
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await using var controller = await IpmiSimulator.StartAsync();
        await using var metal = new MetalService(new MetalLimits
        {
            Firmware = TimeSpan.FromSeconds(2), BootSilence = TimeSpan.FromSeconds(2), PowerPoll = TimeSpan.FromMilliseconds(20),
        });
        house.Root.Remove("node");
        await using var nodes = new NodeService(new NodeServiceOptions { HasHost = false, MoreKinds = [metal.Kind] });
        await metal.StartAsync(house.Context, default);
        await nodes.StartAsync(house.Context, default);
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var kernel = Path.Combine(house.Scratch, "kernel");
        await File.WriteAllTextAsync(kernel, "none", TestContext.Current.CancellationToken);
        house.Root.Add("image", new TreeDirectory().Add("tiny", new TreeDirectory().Add(
            "json", new TextFile(() => $$"""{"type":"kernel","vmlinuz":"{{kernel}}"}"""))));
        await house.Admin.CommandAsync("/metal/ctl", ["add", "metal-7", controller.Address, "mac=02:00:00:04:00:29"]);
        await house.Admin.WriteTextAsync("/metal/metal-7/secret", IpmiSimulator.Secret + "\n");
        await house.Admin.CommandAsync("/metal/metal-7/ctl", ["inspect"]);

        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=metal", "net=lab", "image=tiny", "machine=metal-7"]);
        await using (var wait = await house.Admin.OpenAsync("/node/n1/wait", OpenFlags.ReadWrite))
        {
            await wait.WriteTextAsync("ready\n");
            Assert.Contains("no DHCP offer on net lab: its card 02:00:00:04:00:29 asked for none", await wait.ReadTextAsync());
        }

        Assert.Contains("state=free", await house.Admin.ReadTextAsync("/metal/metal-7/status"));
        Assert.Equal("", await house.Admin.ReadTextAsync("/net/lab/members"));
        Assert.Equal("", (await house.Admin.ReadTextAsync("/net/lab/boot/02:00:00:04:00:29")).Trim());
        Assert.False(controller.IsOn);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(house.Scratch, "seeds")));
        await house.Admin.CommandAsync("/net/lab/ctl", ["rm"]);
    }
}
