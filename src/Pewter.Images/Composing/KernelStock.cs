using Pewter.Images.Initramfs;
using Pewter.NineP;

namespace Pewter.Images.Composing;

/// <summary>Guest kernels from Debian, in the user's cache; the first use fetches one.</summary>
internal static class KernelStock
{
    /// <summary>Small, starts fast, and has virtio, NBD and iSCSI.</summary>
    public const string Cloud = "cloud-6.1";

    private const string Script = "kernels.sh";

    private static string Cache => Environment.GetEnvironmentVariable("PEWTER_CACHE") is { Length: > 0 } cache ? cache
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "pewter");

    /// <summary>A kernel of a flavour, fetched when it is not there.</summary>
    /// <exception cref="FileException">It cannot be fetched; the sentence says why.</exception>
    public static async ValueTask<KernelBundle> GetAsync(string flavour, CancellationToken cancellation)
    {
        var folder = Path.Combine(Cache, "kernels", flavour);
        if (!File.Exists(Path.Combine(folder, "release")))
        {
            await FetchAsync(flavour, cancellation);
        }

        return KernelBundle.Open(folder);
    }

    private static async ValueTask FetchAsync(string flavour, CancellationToken cancellation)
    {
        await using var resource = typeof(KernelStock).Assembly.GetManifestResourceStream(Script)!;
        using var reader = new StreamReader(resource);
        var script = await reader.ReadToEndAsync(cancellation);
        try
        {
            await Tool.RunAsync("bash", "bash", ["-s", "--", flavour], cancellation, input: script);
        }
        catch (FileException failure)
        {
            var sentence = $"There is no guest kernel in {Cache}/kernels and none could be fetched from Debian's mirrors: {failure.Message}";
            throw new FileException(failure.Errno, sentence, failure);
        }
    }
}
