using Pewter.Images.Initramfs;
using Pewter.Machines.Vms;

namespace Pewter.Machines.Benchmarks;

/// <summary>The guest that is measured: a Debian cloud kernel with the agent as process 1.</summary>
internal static class BootedGuest
{
    private static string Kernels => Path.Combine(
        Environment.GetEnvironmentVariable("PEWTER_CACHE")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "pewter"),
        "kernels",
        "cloud-6.1");

    /// <summary>What is missing to run it; null: nothing.</summary>
    public static string? WhyNot() => !File.Exists(Path.Combine(Kernels, "release")) ? "'eng/kernels.sh cloud-6.1' brings the kernel"
        : !File.Exists("/usr/bin/qemu-system-x86_64") ? "'apt-get install qemu-system-x86' brings QEMU" : null;

    public static GuestImage Make(string directory, string agent)
    {
        var (kernel, path) = (KernelBundle.Open(Kernels), Path.Combine(directory, "guest.cpio"));
        if (!File.Exists(path))
        {
            using var file = File.Create(path);
            AgentGuest.Write(kernel, agent, file);
        }

        return new GuestImage { Name = "guest", Kernel = kernel.Vmlinux, Initramfs = path };
    }
}
