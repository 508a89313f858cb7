using Pewter.Testing;

namespace Pewter.Networks.Tests;

/// <summary>The servers of a segment, asked by the programs that ask them in life.</summary>
public sealed class PlaneTests
{
    private const string Udhcpc = """
        printf '#!/bin/sh\n[ "$1" = bound ] && echo "got $ip/$mask via $router dns $dns domain $domain host $hostname mtu $mtu"; exit 0' > $T/s; chmod +x $T/s
        timeout 20 busybox udhcpc -f -q -n -t 5 -T 1 -i eth0 -s $T/s
        """;

    [Fact]
    public async Task Members_get_their_own_addresses_and_strangers_get_leases_that_outlast_the_daemon_and_the_server()
    {
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1", "kind=veth");
        await using var member = await Machine.PlugAsync(port);
        var got = await member.RunAsync($"T={house.Scratch}\n{Udhcpc}");
        Assert.Contains("got 10.42.0.2/24 via 10.42.0.1 dns 10.42.0.1 domain lab.pewter host web-n1 mtu 1500", got.Output);

        // The same machine with another card is a stranger.
        await member.RunAsync("ip link set eth0 down; ip link set eth0 address 02:11:22:33:44:55; ip link set eth0 up");
        got = await member.RunAsync($"T={house.Scratch}\n{Udhcpc}");
        Assert.Contains("got 10.42.0.192/24", got.Output);
        Assert.Contains("address=10.42.0.192 mac=02:11:22:33:44:55 kind=guest", await house.Admin.ReadTextAsync("/net/lab/leases"));
        Assert.Contains("address=10.42.0.2 mac=", await house.Admin.ReadTextAsync("/net/lab/leases"));

        // Nobody of Pewter lives but the server.
        await house.KillAsync();
        Assert.Contains("got 10.42.0.192/24", (await member.RunAsync($"T={house.Scratch}\n{Udhcpc}")).Output);

        // The server is killed while the daemon is away; the next daemon starts another, which knows the lease.
        await KillServerAsync(house);
        await house.RestartAsync();
        await member.RunAsync("ip link set eth0 down; ip link set eth0 address 02:11:22:33:44:66; ip link set eth0 up");
        Assert.Contains("got 10.42.0.193/24", (await member.RunAsync($"T={house.Scratch}\n{Udhcpc}")).Output);
        await house.Admin.CommandAsync("/net/lab/ctl", ["disconnect", "n1"]);
        await house.Admin.CommandAsync("/net/lab/ctl", ["rm"]);
        Assert.Empty(await house.Ledger.ListAsync(default));
    }

    [Fact]
    public async Task The_clients_of_Debian_are_served()
    {
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        await using var member = await Machine.PlugAsync(await house.ConnectAsync("lab", "n1", "kind=veth"));

        // Within less than the half minute after which the segment tells it to all anyway; the card's own address takes its time.
        var routers = await member.RunAsync("timeout 25 sh -c 'until rdisc6 -1 -w 1000 eth0 2>&1; do sleep 0.3; done'");
        Assert.Contains("Prefix                   : fd", routers.Output);
        Assert.Contains("from fe80::", routers.Output);
        var shell = await member.RunAsync($"timeout 30 dhclient -4 -1 -v -sf /bin/true -lf {house.Scratch}/l -pf {house.Scratch}/p eth0 2>&1; "
            + $"grep -E 'fixed-address|domain-name' {house.Scratch}/l; kill $(cat {house.Scratch}/p) 2>/dev/null");
        Assert.Contains("bound to 10.42.0.2", shell.Output);
        Assert.Contains("option domain-name \"lab.pewter\"", shell.Output);
        shell = await member.RunAsync($"timeout 30 dhcpcd -4 -T -t 20 -c /bin/true eth0 >{house.Scratch}/d 2>&1 </dev/null; cat {house.Scratch}/d");
        Assert.Contains("offered 10.42.0.2 from 10.42.0.1", shell.Output);
    }

    [Fact]
    public async Task Names_of_members_are_found_and_others_are_refused()
    {
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1", "kind=veth");
        await house.ConnectAsync("lab", "n2.eth1");
        await using var member = await Machine.PlugAsync(port);
        await member.AddressAsync(port);
        async Task<string> Ask(string words) => (await member.RunAsync($"dig @10.42.0.1 +time=2 +tries=3 {words}")).Output;
        Assert.Equal("10.42.0.2\n", await Ask("+short n1.lab.pewter"));
        Assert.Equal("10.42.0.2\n", await Ask("+short WEB-n1.Lab.pewter"));
        Assert.Equal("10.42.0.3\n", await Ask("+short +tcp eth1.n2.lab.pewter"));
        Assert.Equal("10.42.0.1\n", await Ask("+short gateway.lab.pewter"));
        Assert.Equal("web-n1.lab.pewter.\n", await Ask("+short -x 10.42.0.2"));
        Assert.Contains("status: NXDOMAIN", await Ask("n9.lab.pewter"));
        var empty = await Ask("AAAA n1.lab.pewter");
        Assert.Contains("status: NOERROR", empty);
        Assert.Contains("ANSWER: 0, AUTHORITY: 1", empty);
        Assert.Contains("flags: qr aa", empty);
        Assert.Contains("status: REFUSED", await Ask("example.org"));
        Assert.Contains("status: REFUSED", await Ask("-x 10.43.0.2"));

        // A member that comes is known at once.
        await house.ConnectAsync("lab", "n3");
        Assert.Equal("10.42.0.4\n", await Ask("+short n3.lab.pewter"));
    }

    [Fact]
    public async Task Boot_files_are_served_by_http_and_tftp_and_nothing_else_is()
    {
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1", "kind=veth");
        await using var member = await Machine.PlugAsync(port);
        await member.AddressAsync(port);
        var kernel = Path.Combine(house.Scratch, "kernel");
        var content = new byte[3_000_001];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(kernel, content, TestContext.Current.CancellationToken);
        await house.Admin.CommandAsync(
            "/net/lab/ctl", ["boot", "n1.eth0", $"kernel={kernel}", $"initrd={kernel}", "cmdline=console=ttyS0 name={{name}} ip={{address}}"]);
        var mac = port.GetProperty("mac").GetString();
        var script = (await member.RunAsync($"curl -s http://10.42.0.1/boot/{mac}")).Output;
        Assert.Equal(
            $"#!ipxe\nkernel http://10.42.0.1/file/{mac}/kernel initrd=initrd console=ttyS0 name=web-n1 ip=10.42.0.2\n"
            + $"initrd --name initrd http://10.42.0.1/file/{mac}/initrd\nboot\n",
            script);
        await house.Admin.CommandAsync("/net/lab/ctl", ["boot", "default", "local"]);
        var other = (await house.ConnectAsync("lab", "n2")).GetProperty("mac").GetString();
        Assert.Contains("sanboot --no-describe", (await member.RunAsync($"curl -s http://10.42.0.1/boot/{other}")).Output);
        Assert.StartsWith("kernel=", await house.Admin.ReadTextAsync($"/net/lab/boot/{mac}"));
        var sums = (await member.RunAsync(
            $"""
            u=10.42.0.1/file/{mac}/kernel
            md5sum < {kernel}
            curl -s http://$u | md5sum
            (curl -s -r 0-999 http://$u; curl -s -r 1000- http://$u) | md5sum
            curl -s --tftp-blksize 1428 tftp://$u | md5sum
            curl -s tftp://$u | md5sum
            """)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, sums.Length);
        Assert.Single(sums.Distinct());
        foreach (var path in (string[])["/etc/passwd", "/file/../../etc/passwd", "/boot/", $"/file/{mac}/other", "/../state"])
            Assert.Equal("404", (await member.RunAsync($"curl -s --path-as-is -o /dev/null -w '%{{http_code}}' http://10.42.0.1{path}")).Output);
        Assert.NotEqual(0, (await member.RunAsync("curl -s tftp://10.42.0.1//etc/passwd")).ExitCode);
    }

    [Fact]
    public async Task A_machine_boots_from_the_network_by_its_own_firmware()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-system-x86_64"), "skipped, because QEMU is not installed");
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1");
        var mac = port.GetProperty("mac").GetString();
        await house.Admin.WriteTextAsync($"/net/lab/boot/{mac}", "#!ipxe\necho BOOTED {{name}} ${net0/ip} from ${filename}\npoweroff");
        using var machine = Shell.Start(
            $"exec nsenter --net={port.GetProperty("netns").GetString()} timeout 60 qemu-system-x86_64 -M pc,graphics=off -nodefaults "
                + $"-accel tcg -m 128 "
            + $"-display none -serial stdio -boot n -netdev tap,id=n0,ifname={port.GetProperty("port").GetString()},script=no,downscript=no "
            + $"-device virtio-net-pci,netdev=n0,mac={mac}");
        var output = await machine.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"BOOTED web-n1 10.42.0.2 from http://10.42.0.1/boot/{mac}", output);
    }

    private static async Task KillServerAsync(NetworkHouse house)
    {
        var cgroup = (await house.Ledger.ListAsync(default)).Single(resource => resource.Name.EndsWith("-netd", StringComparison.Ordinal));
        new Pewter.Hosting.Ledger.ResourceCleaner().Remove(cgroup);
    }
}
