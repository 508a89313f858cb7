namespace Pewter.Store;

/// <summary>The Linux error numbers that the store gives.</summary>
internal static class StoreErrno
{
    public const int EIO = 5;
    public const int E2BIG = 7;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int ENODATA = 61;
    public const int EPROTO = 71;
    public const int ECONNRESET = 104;
    public const int ESHUTDOWN = 108;
    public const int ESTALE = 116;
}
