using System.Net;
using System.Net.Security;
using Pewter.Blocks.Rbd;

namespace Pewter.Disks;

/// <summary>What a <see cref="DiskServer"/> serves and where.</summary>
public sealed record DiskServerConfig
{
    /// <summary>The store's directory, made when missing.</summary>
    public required string Store { get; init; }

    /// <summary>The Unix socket of NBD, for this machine's own clients; its permissions are 0660. Null for none.</summary>
    public string? NbdSocket { get; init; }

    /// <summary>Where NBD listens for others. Null for nowhere.</summary>
    public IPEndPoint? NbdAddress { get; init; }

    /// <summary>What NBD's STARTTLS uses, without which nobody comes over TCP then. Null for no TLS.</summary>
    public SslServerAuthenticationOptions? NbdTls { get; init; }

    /// <summary>Where the iSCSI portal listens. Null for nowhere.</summary>
    public IPEndPoint? IscsiPortal { get; init; }

    /// <summary>What iSCSI target names begin with; a colon and the disk's id follow.</summary>
    public string IscsiPrefix { get; init; } = "iqn.2026-11.org.pewter";

    /// <summary>
    /// A file with a key, made when missing, from which each disk's own initiator has its secret, so that every disk can be reached by iSCSI
    /// without a word and none is open to all. Null: only the initiators that were granted.
    /// </summary>
    public string? InitiatorKey { get; init; }

    /// <summary>A Ceph pool for disks that ask for it. Null for none.</summary>
    public RbdConfig? Rbd { get; init; }

    /// <summary>The path of qemu-img, for images that are not raw.</summary>
    public string QemuImg { get; init; } = "qemu-img";

    /// <summary>Told what an operator may want to know; one sentence each, from any thread.</summary>
    public Action<string>? Report { get; init; }
}
