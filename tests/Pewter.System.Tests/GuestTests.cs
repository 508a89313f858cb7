namespace Pewter.System.Tests;

/// <summary>Virtual machines with systems of their own, by the programs that a person runs: Debian from its disk, several cards.</summary>
public sealed class GuestTests
{
    [Fact]
    public async Task Debian_boots_from_its_disk_with_the_agent_as_its_service()
    {
        await using var lab = await MetalLab.StartAsync();
        await lab.ImportDebianAsync();
        await lab.MustAsync(
            "node", "alloc", "--kind", "vm", "--image", "debian", "--ram", "512Mi", "--net", "lab", "--name", "deb", "--wait");
        Assert.Equal("systemd", (await lab.ShellAsync("deb", "cat /proc/1/comm")).Trim());
        Assert.Equal("/dev/vda1", (await lab.ShellAsync("deb", "findmnt -n -o SOURCE /")).Trim());
        Assert.Contains("10.42.0.2/24", await lab.ShellAsync("deb", "ip -4 -br addr show eth0"));
        Assert.Equal("n2", (await lab.ShellAsync("deb", "hostname")).Trim());
        var boot = await lab.MustAsync("cat", "/node/deb/boot");
        Assert.All((string[])["disk", "firmware", "kernel", "agent"], phase => Assert.Contains($"phase={phase} ", boot, StringComparison.Ordinal));
        await lab.MustAsync("node", "release", "deb");
    }

    [Fact]
    public async Task A_machine_has_several_cards_and_one_whose_firmware_finds_nothing_says_so()
    {
        await using var lab = await MetalLab.StartAsync();
        await lab.MustAsync("net", "create", "other", "--cidr", "10.43.0.0/24");
        await lab.MustAsync(
            "node", "alloc", "--kind", "vm", "--net", "lab", "--net", "other", "--name", "two", "--wait");
        Assert.Contains("10.42.0.2/24", await lab.ShellAsync("two", "ip addr show eth0"));
        Assert.Contains("10.43.0.2/24", await lab.ShellAsync("two", "ip addr show eth1"));
        await lab.ShellAsync("two", "ping -c 1 -W 20 10.43.0.1");
        await lab.MustAsync("node", "release", "two");
        var refused = await lab.System.RunAsync(
            "node", "alloc", "--kind", "vm", "--net", "lab", "--set", "boot=net", "--set", "agent=on", "--name", "none", "--wait");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("found nothing to boot", refused.Error + refused.Output, StringComparison.Ordinal);
    }
}
