using Pewter.NineP;

namespace Pewter.Networks.Tests;

/// <summary>What a machine alone is told by its network, over HTTP and TFTP.</summary>
public sealed class SeedTests
{
    [Fact]
    public async Task A_seed_and_a_script_with_a_secret_are_told_to_their_machine_and_to_nobody_else()
    {
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var (own, others) = (await house.ConnectAsync("lab", "n1", "kind=veth"), await house.ConnectAsync("lab", "n2", "kind=veth"));
        await using var machine = await Machine.PlugAsync(own);
        await using var other = await Machine.PlugAsync(others);
        await machine.AddressAsync(own);
        await other.AddressAsync(others);
        var seed = Directory.CreateDirectory(Path.Combine(house.Scratch, "seed")).FullName;
        await File.WriteAllTextAsync(Path.Combine(seed, "user-data"), "#cloud-config\n", TestContext.Current.CancellationToken);
        await house.Admin.CommandAsync("/net/lab/ctl", ["seed", "n1.eth0", $"directory={seed}"]);
        await house.Admin.CommandAsync("/net/lab/ctl", ["boot", "n1.eth0", "iscsi=iqn.2026-11.x:d1", "lun=0", "user=u", "secret=hush"]);
        var mac = own.GetProperty("mac").GetString();
        var (data, script) = ($"10.42.0.1/seed/{mac}/user-data", $"10.42.0.1/boot/{mac}");

        Assert.Equal("#cloud-config\n", (await machine.RunAsync($"curl -s http://{data}")).Output);
        Assert.Equal("#cloud-config\n", (await machine.RunAsync($"curl -s tftp://{data}")).Output);
        Assert.Contains("set password hush\nsanboot iscsi:10.42.0.1:::0:iqn.2026-11.x:d1", (await machine.RunAsync($"curl -s http://{script}")).Output);
        foreach (var path in (string[])[data, script])
        {
            Assert.Equal("403", (await other.RunAsync($"curl -s -o /dev/null -w '%{{http_code}}' http://{path}")).Output);
            Assert.NotEqual(0, (await other.RunAsync($"curl -s tftp://{path}")).ExitCode);
        }

        var refused = await Assert.ThrowsAsync<FileException>(async () =>
            await house.As(NetworkHouse.Ann).CommandAsync("/net/lab/ctl", ["seed", "n1.eth0", "directory=/etc"]));
        Assert.Contains(refused.Errno, new[] { Errno.EPERM, Errno.EACCES, Errno.ENOENT });
        await house.Admin.CommandAsync("/net/lab/ctl", ["seed", "n1.eth0"]);
        Assert.Equal("404", (await machine.RunAsync($"curl -s -o /dev/null -w '%{{http_code}}' http://{data}")).Output);
        Assert.Contains("http GET /seed/", await house.Admin.ReadTextAsync("/net/lab/log"));
    }
}
