namespace Pewter.Linux.Fuse;

/// <summary>How a FUSE filesystem is mounted.</summary>
public sealed record FuseDeviceOptions
{
    /// <summary>The type of every mount that Pewter makes, as /proc/self/mountinfo shows it; leftovers are found by it.</summary>
    public const string FileSystemType = "fuse.pewter";

    /// <summary>What the mount table shows as the source. No commas.</summary>
    public string Source { get; init; } = "pewter";

    /// <summary>
    /// Users other than the one who mounts may enter; the tree then judges each request by its uid. For a mount that is not made by root,
    /// /etc/fuse.conf must say <c>user_allow_other</c>.
    /// </summary>
    public bool AllowOthers { get; init; }

    /// <summary>Nothing can be written through the mount.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// A small shell beside this process unmounts when it dies, even by SIGKILL. When both are killed at once, a dead mount is left
    /// ("Transport endpoint is not connected"); the next mount on the directory replaces it.
    /// </summary>
    public bool UnmountWhenKilled { get; init; } = true;
}
