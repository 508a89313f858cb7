using Pewter.Images.Initramfs;
using Pewter.Machines.Vms;
using Pewter.NineP;

namespace Pewter.Daemon;

/// <summary>
/// Makes the guest that virtual machines start when nobody names an image: a Debian kernel from the cache and this
/// agent. Made anew when one of the two has changed.
/// </summary>
internal sealed class BuiltInGuest(string stateDirectory)
{
    private const string Flavour = "cloud-6.1";
    private readonly Lock _lock = new();

    /// <summary>The guest.</summary>
    /// <exception cref="FileException">ENOENT: the kernel or the agent is not there; says what brings it.</exception>
    public async ValueTask<GuestImage> GetAsync(string agentPath, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(() => Get(agentPath), cancellation);
        }
        catch (FileNotFoundException missing)
        {
            throw new FileException(Errno.ENOENT, missing.Message, missing);
        }
    }

    private GuestImage Get(string agentPath)
    {
        var kernel = KernelBundle.Open(Path.Combine(KernelCache(), Flavour));
        var initramfs = Path.Combine(stateDirectory, $"guest-{kernel.Release}.cpio");
        lock (_lock)
        {
            if (!File.Exists(initramfs) || File.GetLastWriteTimeUtc(initramfs) < File.GetLastWriteTimeUtc(agentPath))
            {
                Directory.CreateDirectory(stateDirectory);
                using (var file = File.Create(initramfs + ".new"))
                {
                    AgentGuest.Write(kernel, agentPath, file);
                }

                File.Move(initramfs + ".new", initramfs, overwrite: true);
            }
        }

        return new GuestImage { Name = "guest", Kernel = kernel.Vmlinux, BootKernel = kernel.Vmlinuz, Initramfs = initramfs };
    }

    private static string KernelCache()
    {
        var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(Environment.GetEnvironmentVariable("PEWTER_CACHE") ?? Path.Combine(home, "pewter"), "kernels");
    }
}
