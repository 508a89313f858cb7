namespace Pewter.Images.Initramfs;

/// <summary>
/// A guest kernel with its modules, as <c>eng/kernels.sh</c> leaves it in a folder: <c>vmlinux</c> (for QEMU's PVH boot), <c>vmlinuz</c>,
/// <c>modules/</c>, <c>modules.dep</c> and <c>release</c>. Immutable.
/// </summary>
public sealed class KernelBundle
{
    private readonly string _folder;
    private readonly Dictionary<string, string[]> _needs;

    private KernelBundle(string folder, string release, Dictionary<string, string[]> needs)
    {
        _folder = folder;
        Release = release;
        _needs = needs;
    }

    /// <summary>The kernel's release, as <c>uname -r</c> says it in the guest.</summary>
    public string Release { get; }

    /// <summary>The uncompressed ELF kernel.</summary>
    public string Vmlinux => Path.Combine(_folder, "vmlinux");

    /// <summary>The compressed bzImage, for boot loaders.</summary>
    public string Vmlinuz => Path.Combine(_folder, "vmlinuz");

    /// <summary>Opens a bundle; throws <see cref="FileNotFoundException"/> with what to run when it is not there.</summary>
    public static KernelBundle Open(string folder)
    {
        var release = Path.Combine(folder, "release");
        if (!File.Exists(release))
            throw new FileNotFoundException($"No guest kernel in '{folder}': run 'eng/kernels.sh {Path.GetFileName(folder)}'.", release);
        var needs = new Dictionary<string, string[]>();
        foreach (var line in File.ReadLines(Path.Combine(folder, "modules.dep")))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            needs[line[..colon]] = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        return new KernelBundle(folder, File.ReadAllText(release).Trim(), needs);
    }

    /// <summary>
    /// The module files to load for <paramref name="names"/>, dependencies first. A name that is no module here is passed over, since one
    /// kernel has built in what another has as a module.
    /// </summary>
    public IReadOnlyList<string> ResolveModules(IEnumerable<string> names)
    {
        var order = new List<string>();
        foreach (var name in names) Add(name, order);
        return order.ConvertAll(name => Path.Combine(_folder, "modules", name + ".ko"));
    }

    private void Add(string name, List<string> order)
    {
        if (order.Contains(name) || !_needs.TryGetValue(name, out var needs)) return;
        foreach (var need in needs) Add(need, order);
        order.Add(name);
    }
}
