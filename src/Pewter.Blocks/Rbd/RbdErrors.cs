namespace Pewter.Blocks.Rbd;

/// <summary>Turns what librados and librbd return into the one failure of block operations.</summary>
internal static class RbdErrors
{
    /// <summary>Throws for a negative result, which is an errno; says what was done to what.</summary>
    public static long Check(long result, string what) => result >= 0 ? result : throw Failure((int)-result, what);

    private static BlockException Failure(int errno, string what) => errno switch
    {
        BlockErrno.ENOENT => new(errno, $"{what}: there is no such image, snapshot or pool."),
        BlockErrno.EEXIST => new(errno, $"{what}: the name is taken."),
        BlockErrno.EBUSY => new(errno, $"{what}: it is in use, protected, or has clones; close it, unprotect it or flatten the clones first."),
        BlockErrno.EINVAL => new(errno, $"{what}: Ceph takes the arguments for wrong; a snapshot has to be protected before it is cloned."),
        110 => new(BlockErrno.EIO, $"{what}: the Ceph cluster does not answer."),
        _ => new(errno, $"{what}: Ceph failed with errno {errno}."),
    };
}
