using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Machines.Tests.Nodes;
using Pewter.Testing;

namespace Pewter.Machines.Tests.Vms;

/// <summary>Machines of one house, in an order that lets each test use what those before have booted.</summary>
public sealed class VmTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_boots_runs_programs_and_leaves_nothing()
    {
        await using var house = await VmHouse.StartAsync();
        var id = (await house.AllocAsync("cpu=1"))[0];

        Assert.Equal($"Linux {id}", await house.RunAsync(id, "uname -sn"));
        Assert.Equal(id + "\n", await house.Admin.ReadTextAsync($"/node/{id}/fs/etc/hostname"));
        Assert.NotEmpty(await house.Admin.ListAsync($"/node/{id}/metric"));
        var boot = await house.Admin.ReadTextAsync($"/node/{id}/boot");
        Assert.Contains("phase=power ", boot);
        Assert.Contains("phase=kernel ", boot);
        Assert.Contains("phase=agent ", boot);
        Assert.Contains("image", await house.Admin.ReadTextAsync($"/node/{id}/json"));
        Assert.Contains($"/node/{id} ", await house.Admin.ReadTextAsync("/node/query/image=guest/vm/status"));
        await TwoViewersSeeTheConsoleAsync(house, id);

        // The next of the same image does not boot.
        var warm = (await house.AllocAsync("n=2"))[0];
        Assert.DoesNotContain("phase=kernel", await house.Admin.ReadTextAsync($"/node/{warm}/boot"));
        Assert.Equal($"Linux {warm}", await house.RunAsync(warm, "uname -sn"));

        await house.Admin.CommandAsync("/node/query/kind=vm/ctl", ["release"]);
        Assert.Empty(await house.Daemon.NodesAsync());
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(house.StateDirectory, "node")), path => Path.GetFileName(path).StartsWith('n'));
    }

    [Fact]
    public async Task A_machine_outlives_the_daemon_stands_still_and_is_turned_off_and_on()
    {
        await using var house = await VmHouse.StartAsync();
        var id = (await house.AllocAsync())[0];
        await house.RunAsync(id, "echo here > /tmp/mark");
        await house.KillAsync();
        await house.RestartAsync();
        Assert.Equal("ready", await house.Daemon.StateAsync(id));
        Assert.Equal("here", await house.RunAsync(id, "cat /tmp/mark"));

        await house.Admin.CommandAsync($"/node/{id}/ctl", ["suspend"]);
        Assert.Equal("suspended", await house.Daemon.StateAsync(id));
        var still = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.ReadTextAsync($"/node/{id}/sys/uptime"));
        Assert.Equal(Errno.ENOLINK, still.Errno);
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["resume"]);
        Assert.Equal("here", await house.RunAsync(id, "cat /tmp/mark"));

        var off = await house.Admin.CommandAsync($"/node/{id}/ctl", ["power", "off", "grace=20s"]);
        Assert.Equal("off", off[0].Text("power"));
        Assert.Equal("off", await house.Daemon.StateAsync(id));
        Assert.DoesNotContain("did not stop", await house.Admin.ReadTextAsync($"/node/{id}/log"));
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["power", "on"]);
        Assert.Equal("ready", await house.Daemon.StateAsync(id));
        Assert.Equal("gone", await house.RunAsync(id, "cat /tmp/mark 2>/dev/null || echo gone"));

        var program = house.RunAsync(id, "echo c > /proc/sysrq-trigger");
        await house.WaitAsync(id, "lost");
        Assert.Contains("kernel panicked: sysrq triggered crash", await house.Admin.ReadTextAsync($"/node/{id}/status"));
        await Assert.ThrowsAsync<FileException>(() => program);
        await using var console = await house.Admin.OpenAsync($"/node/{id}/console");
        Assert.Contains("sysrq triggered crash", await UntilAsync(console, "sysrq triggered crash"));
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["release"]);
    }

    [Fact]
    public async Task A_spare_gives_its_place_to_a_machine_that_is_lost()
    {
        await using var house = await VmHouse.StartAsync();
        var web = (await house.AllocAsync("name=web"))[0];
        var spare = (await house.AllocAsync("spare"))[0];
        var (boot, mac) = (await house.RunAsync(web, BootId), await house.RunAsync(web, "cat /sys/class/net/eth0/address"));

        // Another's spare is no help, and a spare that is lost needs none.
        await house.Admin.CommandAsync($"/node/{spare}/ctl", ["label", "-spare"]);
        await KillAsync(house, web);
        await house.WaitAsync(web, "lost");
        await house.Admin.CommandAsync($"/node/{spare}/ctl", ["label", "spare"]);
        Assert.StartsWith($"/node/{web} state=ready", await house.WaitAsync(web, "ready"));
        Assert.NotEqual(boot, await house.RunAsync(web, BootId));
        Assert.Equal($"{web} {mac}", await house.RunAsync(web, "echo $(uname -n) $(cat /sys/class/net/eth0/address)"));
        await Until.TrueAsync(() => house.Daemon.NodesAsync().Result is [var left] && left == web, "the spare is gone");
        Assert.Contains($"takes the place of the spare {spare}", await house.Admin.ReadTextAsync($"/node/{web}/log"));

        // There is no other: it stays lost.
        await KillAsync(house, web);
        Assert.StartsWith($"/node/{web} state=lost", await house.WaitAsync(web, "lost"));
        await house.Admin.CommandAsync($"/node/{web}/ctl", ["release"]);
    }

    [Fact]
    public async Task Boots_that_fail_say_why_and_leave_nothing()
    {
        await using var house = await VmHouse.StartAsync(TimeSpan.FromSeconds(6));
        var panics = house.Initramfs("panics", "#!/bin/busybox sh\nexit 3\n");
        var sleeps = house.Initramfs("sleeps", "#!/bin/busybox sh\necho all is well\nexec /bin/busybox sleep 1000\n");
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=vm", $"kernel={house.Kernel}", $"initrd={panics}"]);
        Assert.Contains("kernel panicked: Attempted to kill init! exitcode=0x00000300", await house.WaitAsync("n1", "ready"));

        // Two of a group: none is left when one fails.
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=2", "kind=vm", $"kernel={house.Kernel}", $"initrd={sleeps}"]);
        var first = await house.WaitAsync("n2", "ready");
        var second = await house.WaitAsync("n3", "ready");
        Assert.Contains("agent silent for 6 s; the console's last line: all is well", first + second);
        await Until.TrueAsync(() => house.Daemon.NodesAsync().Result.Count == 0, "all are gone");
    }

    [Fact]
    public async Task What_cannot_be_is_refused_whole()
    {
        await using var house = await VmHouse.StartAsync();
        var ann = house.Daemon.As(NodeHouse.Ann);
        Task<FileException> Refused(params string[] words) =>
            Assert.ThrowsAsync<FileException>(async () => await ann.CommandAsync("/node/ctl", ["alloc", "kind=vm", .. words]));

        Assert.Contains("There is no image 'nonesuch'", (await Refused("image=nonesuch")).Message);
        Assert.Equal(Errno.EPERM, (await Refused("kernel=/etc/passwd")).Errno);
        Assert.Contains("There is no network 'nowhere'", (await Refused("net=nowhere")).Message);
        Assert.Contains("96Mi", (await Refused("mem=32Mi")).Message);
        Assert.Contains("whole number", (await Refused("cpu=1.5")).Message);
        Assert.Contains("0-1,3", (await Refused("pin=900")).Message);
        Assert.Contains("may have 256 nodes", (await Refused("n=300")).Message);
        Assert.Contains("for cells", (await Refused("pids=100")).Message);
        Assert.Empty(await house.Daemon.NodesAsync());
        Assert.Empty(house.Processes());
    }

    private const string BootId = "cat /proc/sys/kernel/random/boot_id";

    private static async Task KillAsync(VmHouse house, string id)
    {
        using var json = System.Text.Json.JsonDocument.Parse(await house.Admin.ReadTextAsync($"/node/{id}/json"));
        var process = json.RootElement.GetProperty("handle").GetProperty("process").GetString()!;
        using var qemu = System.Diagnostics.Process.GetProcessById(int.Parse(process, System.Globalization.CultureInfo.InvariantCulture));
        qemu.Kill();
    }

    private static async Task TwoViewersSeeTheConsoleAsync(VmHouse house, string id)
    {
        await using var one = await house.Admin.OpenAsync($"/node/{id}/console");
        await using var other = await house.Admin.OpenAsync($"/node/{id}/console", OpenFlags.ReadWrite);
        Assert.Contains("pewter-node: serving on", await UntilAsync(one, "serving on"));
        await house.RunAsync(id, "echo hello console > /dev/ttyS0");
        Assert.Contains("hello console", await UntilAsync(one, "hello console"));
        Assert.Contains("hello console", await UntilAsync(other, "hello console"));
    }

    private static async Task<string> UntilAsync(Tree.TreeHandle console, string text)
    {
        var seen = "";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!seen.Contains(text, StringComparison.Ordinal))
            seen += await console.ReadTextAsync(patience.Token);
        return seen;
    }
}
