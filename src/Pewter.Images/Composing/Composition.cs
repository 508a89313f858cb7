namespace Pewter.Images.Composing;

/// <summary>What an image is to be composed of. Immutable.</summary>
internal sealed record Composition
{
    /// <summary>What a Debian system has beside what it cannot do without.</summary>
    public static readonly IReadOnlyList<string> DebianPackages =
    [
        "systemd", "systemd-sysv", "udev", "dbus", "linux-image-cloud-amd64", "initramfs-tools", "zstd", "nbd-client", "open-iscsi", "iproute2",
        "kmod", "e2fsprogs", "busybox", "ca-certificates", "isc-dhcp-client",
    ];

    /// <summary>A directory of this machine whose files are in it; null for none.</summary>
    public string? Directory { get; init; }

    /// <summary>Debian packages; none for the smallest guest.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Whether all of it is an initramfs: diskless, all in memory.</summary>
    public bool IsInMemory { get; init; }

    /// <summary>Bytes of the disk.</summary>
    public long Size { get; init; } = 2L << 30;

    /// <summary>The release of Debian.</summary>
    public string Suite { get; init; } = "bookworm";

    /// <summary>Where packages come from.</summary>
    public string Mirror { get; init; } = "http://deb.debian.org/debian";

    /// <summary>A sentence for the image's source.</summary>
    public string Source => (Packages, Directory) switch
    {
        ({ Count: 0 }, null) => "composed: agent and busybox",
        ({ Count: 0 }, var directory) => $"composed: {directory}",
        var (packages, _) => $"composed: {Suite} {string.Join(' ', packages)}",
    };
}
