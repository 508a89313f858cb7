namespace Pewter.Blocks.Nbd;

/// <summary>The error numbers that NBD has; others become EIO.</summary>
internal static class NbdErrors
{
    public static uint Of(BlockException e) => e.Errno switch
    {
        BlockErrno.EROFS or BlockErrno.EPERM => BlockErrno.EPERM,
        BlockErrno.ENOMEM or BlockErrno.EINVAL or BlockErrno.ENOSPC => (uint)e.Errno,
        BlockErrno.EOVERFLOW or BlockErrno.ENOTSUP or BlockErrno.ESHUTDOWN => (uint)e.Errno,
        _ => BlockErrno.EIO,
    };

    /// <summary>What is wrong with a request before any device is asked; 0 when nothing is.</summary>
    public static uint Check(in NbdRequest request, long length, bool isReadOnly, bool blockStatus, int maxPayload)
    {
        const NbdCommandFlags Known = NbdCommandFlags.Fua | NbdCommandFlags.NoHole | NbdCommandFlags.DoNotFragment
            | NbdCommandFlags.OneExtent | NbdCommandFlags.FastZero;
        bool changes = request.Command is NbdCommand.Write or NbdCommand.Trim or NbdCommand.WriteZeroes;
        if ((request.Flags & ~Known) != 0 || request.Command > NbdCommand.BlockStatus)
            return BlockErrno.EINVAL;
        if (changes && isReadOnly)
            return BlockErrno.EPERM;
        if (request.Command == NbdCommand.Flush)
            return 0;
        if (request.Offset > (ulong)length || request.Length > (ulong)length - request.Offset)
            return request.Command is NbdCommand.Write or NbdCommand.WriteZeroes ? (uint)BlockErrno.ENOSPC : BlockErrno.EINVAL;
        if (request.Length == 0 || (request.Command == NbdCommand.BlockStatus && !blockStatus))
            return BlockErrno.EINVAL;
        return request.Command == NbdCommand.Read && request.Length > maxPayload ? (uint)BlockErrno.EOVERFLOW : 0;
    }
}
