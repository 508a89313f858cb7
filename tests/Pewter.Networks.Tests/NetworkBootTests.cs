using System.Globalization;
using System.Text.Json;
using Pewter.Testing.Guests;

namespace Pewter.Networks.Tests;

/// <summary>Machines that have nothing but a network card boot a kernel and an initramfs from the segment.</summary>
public sealed class NetworkBootTests
{
    [Fact]
    public async Task A_machine_boots_into_memory_and_another_image_on_the_same_machine_is_as_quick()
    {
        var kernel = Guest.RequireKernel("cloud-6.1");
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        var initrd = DisklessMachine.Build(kernel, house.Scratch);
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1");
        var words = new[] { "boot", "n1.eth0", $"kernel={kernel.Vmlinuz}", $"initrd={initrd}",
            $"cmdline={DisklessMachine.CommandLine}" };
        await house.Admin.CommandAsync("/net/lab/ctl", words);
        var (console, first) = await BootAsync(port);
        Assert.Contains("address 10.42.0.2 of lab.pewter", console);
        Assert.Contains("machine-ready", console);

        // Provisioned anew: another command line and another name of the same files, the same machine.
        words[^1] += " again=yes";
        await house.Admin.CommandAsync("/net/lab/ctl", words);
        (console, var second) = await BootAsync(port);
        Assert.Contains("machine-ready", console);
        TestContext.Current.SendDiagnosticMessage(string.Create(
            CultureInfo.InvariantCulture,
                $"network boot, power on to ready: {first.TotalSeconds:0.0} s; provisioned anew {second.TotalSeconds:0.0} s"));
    }

    private static Task<(string Console, TimeSpan Took)> BootAsync(JsonElement port) => DisklessMachine.BootAsync(
        port.GetProperty("netns").GetString()!, port.GetProperty("port").GetString()!, port.GetProperty("mac").GetString()!, "",
        TestContext.Current.CancellationToken);
}
