namespace Pewter.Images.Composing;

/// <summary>What came out of composing.</summary>
/// <param name="Disk">The disk, raw; null for what is all in memory.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="Initrd">Its initramfs.</param>
/// <param name="Cmdline">The kernel's command line.</param>
/// <param name="Vmlinuz">The same kernel as boot loaders take it, where <paramref name="Kernel"/> is an ELF file for virtual machines.</param>
internal sealed record ComposedFiles(string? Disk, string Kernel, string Initrd, string Cmdline, string? Vmlinuz = null);
