using Pewter.Hosting;
using Pewter.Images.Library;
using Pewter.NineP;

namespace Pewter.Images.Composing;

/// <summary>Composes images in a directory of their own, which is empty before and removed after.</summary>
internal static class Composer
{
    private const long Megabyte = 1 << 20;

    /// <summary>Composes; the files of what came out.</summary>
    /// <param name="what">What it is made of.</param>
    /// <param name="work">An empty directory.</param>
    /// <param name="told">Told what is being done.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async ValueTask<ComposedFiles> RunAsync(
        Composition what, string work, Action<TransferProgress> told, CancellationToken cancellation)
    {
        var root = what.Directory;
        if (what.Packages.Count > 0)
        {
            root = Path.Combine(work, "root");
            told(new TransferProgress("packages", null));
            string[] words = ["root", root, what.Suite, what.Mirror, Agent(), .. what.Packages];
            await ComposeScript.RunAsync(words, cancellation);
        }

        if (what.IsInMemory)
        {
            told(new TransferProgress("initramfs", null));
            var kernel = await KernelStock.GetAsync(KernelStock.Cloud, cancellation);
            var initrd = Path.Combine(work, "initrd");
            await TinyGuest.WriteAsync(initrd, kernel, root, cancellation);
            return new ComposedFiles(null, kernel.Vmlinux, initrd, "console=ttyS0 quiet", kernel.Vmlinuz);
        }

        told(new TransferProgress("disk", null));
        await ComposeScript.RunAsync(["disk", root!, work, $"{(what.Size + Megabyte - 1) / Megabyte}"], cancellation);
        const string Cmdline = "root=LABEL=pewter-root ro console=ttyS0 net.ifnames=0";
        return new ComposedFiles(Path.Combine(work, "disk"), Path.Combine(work, "kernel"), Path.Combine(work, "initrd"), Cmdline);
    }

    /// <summary>The agent's program, which every composed guest has.</summary>
    public static string Agent() => InstalledProgram.Find("pewter-node", "PEWTER_NODE") is { } agent && File.Exists(agent) ? agent
        : throw new FileException(Errno.ENOENT, "the agent's program pewter-node is not there; install it beside pewterd or name it in PEWTER_NODE.");
}
