using Pewter.Testing.Guests;

namespace Pewter.Images.Tests.Initramfs;

public sealed class GuestTests
{
    [Theory]
    [InlineData("cloud-6.1")]
    [InlineData("generic-6.12")]
    public async Task A_kernel_unpacks_the_initramfs_and_runs_its_shell(string kernel)
    {
        await using var guest = await Guest.BootAsync(new GuestOptions { Kernel = kernel, Modules = ["nbd", "overlay"] });

        Assert.Equal(Guest.RequireKernel(kernel).Release, await guest.MustRunAsync("uname -r"));
        Assert.Equal(3, (await guest.RunAsync("(exit 3)")).ExitCode);
        Assert.Contains("10.0.2.15", await guest.MustRunAsync("ip addr show eth0"));
        Assert.Contains("overlay", await guest.MustRunAsync("cat /proc/filesystems"));
    }
}
