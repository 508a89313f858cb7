namespace Pewter.Linux.Mounts;

/// <summary>Flags of mount(2).</summary>
[Flags]
public enum MountFlags : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>No writes.</summary>
    ReadOnly = 1,

    /// <summary>Set-user-id bits mean nothing.</summary>
    NoSetUser = 2,

    /// <summary>Device files mean nothing.</summary>
    NoDevices = 4,

    /// <summary>Nothing can be executed.</summary>
    NoExecute = 8,

    /// <summary>Changes the flags of an existing mount.</summary>
    Remount = 32,

    /// <summary>Shows an existing directory or file at a second place.</summary>
    Bind = 4096,

    /// <summary>Takes an existing mount to another place.</summary>
    Move = 8192,

    /// <summary>With <see cref="Bind"/> or a propagation flag: everything below too.</summary>
    Recursive = 16384,

    /// <summary>Mounts and unmounts do not propagate.</summary>
    Private = 1 << 18,

    /// <summary>They propagate into here, not out.</summary>
    Slave = 1 << 19,

    /// <summary>They propagate both ways.</summary>
    Shared = 1 << 20,
}
