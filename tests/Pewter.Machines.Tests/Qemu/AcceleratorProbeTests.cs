using Pewter.Machines.Qemu;

namespace Pewter.Machines.Tests.Qemu;

public sealed class AcceleratorProbeTests
{
    [Fact]
    public async Task The_translator_runs_the_probe_guest_to_its_end()
    {
        RequireQemu();
        Assert.True(await AcceleratorProbe.RunsGuestAsync(Qemu, Accelerator.Tcg, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_program_that_is_no_QEMU_proves_nothing()
    {
        Assert.False(await AcceleratorProbe.RunsGuestAsync("/bin/true", Accelerator.Tcg, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_the_probe_finds_runs_a_guest()
    {
        RequireQemu();
        var found = await AcceleratorProbe.FindAsync(Qemu, TestContext.Current.CancellationToken);
        Assert.True(await AcceleratorProbe.RunsGuestAsync(Qemu, found, TestContext.Current.CancellationToken));
    }

    private const string Qemu = "/usr/bin/qemu-system-x86_64";

    private static void RequireQemu()
    {
        if (!File.Exists(Qemu)) Assert.Skip("skipped, because qemu-system-x86_64 is missing: run 'apt-get install qemu-system-x86'");
    }
}
