namespace Pewter.System.Tests;

/// <summary>
/// Physical machines from enrolment to release, by the programs that a person runs: QEMU behind a real IPMI controller, on a network that the
/// daemon serves, with roots that the disk server has.
/// </summary>
public sealed class MetalBootTests
{
    [Fact]
    public async Task A_machine_boots_an_image_from_the_network_runs_programs_and_is_released()
    {
        await using var lab = await MetalLab.StartAsync();
        var machine = await lab.AddAsync("metal-7");
        await lab.MustAsync("image", "compose", "--builtin", "tiny");
        await lab.MustAsync("node", "alloc", "--kind", "metal", "--net", "lab", "--image", "tiny", "--name", "web", "--wait");
        Assert.Contains("x86_64", await lab.MustAsync("run", "--on", "name=web", "--", "uname", "-m"));
        Assert.Contains(machine.Mac, await lab.MustAsync("run", "--on", "name=web", "--", "cat", "/sys/class/net/eth0/address"));
        var boot = await lab.MustAsync("cat", "/node/web/boot");
        Assert.All(
            (string[])["machine", "network", "loader", "power", "firmware", "DHCP", "agent"],
            phase => Assert.Contains(phase, boot, StringComparison.Ordinal));
        Assert.Contains("403", await lab.InsideAsync($"curl -s -o /dev/null -w '%{{http_code}}' http://10.42.0.1/seed/{machine.Mac}/agent"));
        await lab.MustAsync("node", "release", "web");
        Assert.DoesNotContain(machine.Mac, await lab.MustAsync("cat", "/net/lab/members"));
        Assert.Empty((await lab.MustAsync("cat", $"/net/lab/boot/{machine.Mac}")).Trim());
        Assert.Contains("state=free", await lab.MustAsync("cat", "/metal/metal-7/status"));
        Assert.Equal("power 0", machine.Controller.Told()[^1]);
    }

    [Fact]
    public async Task A_disk_is_the_root_of_one_machine_and_then_of_another_over_NBD_also_when_the_disk_server_is_killed()
    {
        await using var lab = await MetalLab.StartAsync();
        var (first, second) = (await lab.AddAsync("metal-1"), await lab.AddAsync("metal-2"));
        await lab.ImportDebianAsync();
        await lab.MustAsync("disk", "create", "--image", "debian", "--name", "root");
        await AllocAsync("metal-1");
        Assert.Equal("/dev/nbd0p1", (await lab.ShellAsync("web", "findmnt -n -o SOURCE /")).Trim());
        Assert.Equal("systemd", (await lab.ShellAsync("web", "cat /proc/1/comm")).Trim());
        await lab.ShellAsync("web", "echo kept > /root/note; sync");
        await lab.KillDiskServerAsync();
        Assert.Equal("kept", (await lab.ShellAsync("web", "echo 3 > /proc/sys/vm/drop_caches; sync; cat /root/note")).Trim());
        await lab.MustAsync("node", "release", "web");
        Assert.False(first.Controller.IsOn);
        await AllocAsync("metal-2");
        Assert.Equal("kept", (await lab.ShellAsync("web", "cat /root/note")).Trim());
        Assert.Contains(second.Mac, await lab.ShellAsync("web", "cat /sys/class/net/eth0/address"));
        await lab.MustAsync("node", "release", "web");

        Task<string> AllocAsync(string machine) => lab.MustAsync(
            "node", "alloc", "--kind", "metal", "--net", "lab", "--name", "web", "--set", "disk=root", "--set", $"machine={machine}", "--wait");
    }

    [Fact]
    public async Task A_root_that_is_only_read_is_written_to_in_memory()
    {
        RequireSoak();
        await using var lab = await MetalLab.StartAsync();
        await lab.AddAsync("metal-1");
        await lab.ImportDebianAsync();
        await lab.MustAsync("disk", "create", "--image", "debian", "--name", "root");
        await AllocAsync();
        Assert.Equal("overlay", (await lab.ShellAsync("web", "findmnt -n -o FSTYPE /")).Trim());
        await lab.ShellAsync("web", "echo gone > /root/note; sync");
        await lab.MustAsync("node", "release", "web");
        await AllocAsync();
        Assert.Contains("none", await lab.ShellAsync("web", "cat /root/note || echo none"));

        Task<string> AllocAsync() => lab.MustAsync(
            "node", "alloc", "--kind", "metal", "--net", "lab", "--name", "web", "--set", "disk=root", "--set", "overlay=on", "--wait");
    }

    [Fact]
    public async Task A_disk_that_boots_by_itself_is_a_root_over_iSCSI()
    {
        RequireSoak();
        await using var lab = await MetalLab.StartAsync();
        var machine = await lab.AddAsync("metal-1");
        await lab.ImportDebianAsync();
        await lab.MustAsync("node", "alloc", "--kind", "metal", "--net", "lab", "--name", "web", "--image", "debian", "--set", "via=iscsi", "--wait");
        Assert.Equal("/dev/sda1", (await lab.ShellAsync("web", "findmnt -n -o SOURCE /")).Trim());
        Assert.Contains("n2", await lab.ShellAsync("web", "hostname"));
        Assert.Contains("403", await lab.InsideAsync($"curl -s -o /dev/null -w '%{{http_code}}' http://10.42.0.1/boot/{machine.Mac}"));
        await lab.MustAsync("node", "release", "web");
        Assert.DoesNotContain("n2-root", await lab.MustAsync("disk", "list"));
    }

    [Fact]
    public async Task A_machine_with_UEFI_loads_its_loader_from_the_network()
    {
        RequireSoak();
        Assert.SkipUnless(File.Exists("/usr/share/OVMF/OVMF_CODE_4M.fd"), "skipped, because it needs the package ovmf");
        await using var lab = await MetalLab.StartAsync();
        await lab.AddAsync("metal-1", uefi: true);
        await lab.MustAsync("image", "compose", "--builtin", "tiny");
        await lab.MustAsync("node", "alloc", "--kind", "metal", "--net", "lab", "--image", "tiny", "--name", "web", "--wait");
        Assert.Contains("efi", await lab.ShellAsync("web", "ls /sys/firmware"));
        await lab.MustAsync("node", "release", "web");
    }

    private static void RequireSoak() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full", "skipped, because it takes a minute: run ./test --all");
}
