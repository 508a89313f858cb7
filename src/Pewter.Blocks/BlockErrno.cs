namespace Pewter.Blocks;

/// <summary>The Linux error numbers of <see cref="BlockException.Errno"/>.</summary>
public static class BlockErrno
{
    /// <summary>Not permitted: access to the disk was refused.</summary>
    public const int EPERM = 1;

    /// <summary>No such disk, layer or export.</summary>
    public const int ENOENT = 2;

    /// <summary>The storage failed, is damaged, or was altered from outside.</summary>
    public const int EIO = 5;

    /// <summary>No memory for the request.</summary>
    public const int ENOMEM = 12;

    /// <summary>In use: by a writer, by dependants, by a session.</summary>
    public const int EBUSY = 16;

    /// <summary>The name is taken.</summary>
    public const int EEXIST = 17;

    /// <summary>An argument makes no sense, or a range lies outside the disk.</summary>
    public const int EINVAL = 22;

    /// <summary>The disk under the store is full, or a quota is used up.</summary>
    public const int ENOSPC = 28;

    /// <summary>Written to something read-only.</summary>
    public const int EROFS = 30;

    /// <summary>Larger than the protocol or the store allows.</summary>
    public const int EOVERFLOW = 75;

    /// <summary>Not offered by this device.</summary>
    public const int ENOTSUP = 95;

    /// <summary>The server is going down.</summary>
    public const int ESHUTDOWN = 108;
}
