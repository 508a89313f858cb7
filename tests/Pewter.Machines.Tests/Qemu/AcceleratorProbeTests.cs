using Pewter.Machines.Qemu;
using Pewter.Testing;
using Pewter.Testing.Guests;

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
        using var directory = new TemporaryDirectory();
        var kept = Path.Combine(directory.Path, "deep", "accelerator");
        var kernel = Guest.RequireKernel("cloud-6.1").Vmlinux;
        var found = await AcceleratorProbe.FindAsync(Qemu, kernel, kept, TestContext.Current.CancellationToken);
        Assert.True(await AcceleratorProbe.RunsGuestAsync(Qemu, found, TestContext.Current.CancellationToken));
        Assert.True(found == Accelerator.Tcg || await AcceleratorProbe.RunsKernelAsync(Qemu, kernel, found, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_was_found_is_kept_until_the_machine_boots_anew()
    {
        RequireQemu();
        Assert.SkipUnless(File.Exists("/dev/kvm"), "skipped, because there is no /dev/kvm to ask about");
        using var directory = new TemporaryDirectory();
        var kept = Path.Combine(directory.Path, "accelerator");
        var found = await AcceleratorProbe.FindAsync(Qemu, null, kept, TestContext.Current.CancellationToken);
        var other = found == Accelerator.Kvm ? Accelerator.Tcg : Accelerator.Kvm;
        var question = (await File.ReadAllLinesAsync(kept, TestContext.Current.CancellationToken))[0];

        await File.WriteAllTextAsync(kept, $"{question}\n{other}\n", TestContext.Current.CancellationToken);
        Assert.Equal(other, await AcceleratorProbe.FindAsync(Qemu, null, kept, TestContext.Current.CancellationToken));
        await File.WriteAllTextAsync(kept, $"another boot\n{other}\n", TestContext.Current.CancellationToken);
        await AcceleratorProbe.FindAsync(Qemu, null, kept, TestContext.Current.CancellationToken);
        Assert.StartsWith(question, await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken));
    }

    private const string Qemu = "/usr/bin/qemu-system-x86_64";

    private static void RequireQemu()
    {
        if (!File.Exists(Qemu)) Assert.Skip("skipped, because qemu-system-x86_64 is missing: run 'apt-get install qemu-system-x86'");
    }
}
