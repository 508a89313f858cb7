using Pewter.NineP;

namespace Pewter.Doors.Http;

/// <summary>The HTTP status that says best what an errno says.</summary>
internal static class ErrnoStatus
{
    public static int Of(Errno errno) => errno switch
    {
        Errno.EACCES or Errno.EPERM or Errno.EROFS => StatusCodes.Status403Forbidden,
        Errno.ENOENT or Errno.ENOTDIR or Errno.ESTALE or Errno.ESRCH => StatusCodes.Status404NotFound,
        Errno.EISDIR or Errno.EOPNOTSUPP or Errno.ENOSYS or Errno.EBADF or Errno.ESPIPE => StatusCodes.Status405MethodNotAllowed,
        Errno.EEXIST or Errno.EBUSY or Errno.ENOTEMPTY or Errno.EXDEV or Errno.EADDRINUSE => StatusCodes.Status409Conflict,
        Errno.EFBIG or Errno.EMSGSIZE or Errno.E2BIG => StatusCodes.Status413PayloadTooLarge,
        Errno.EINVAL or Errno.ERANGE or Errno.EILSEQ or Errno.ENAMETOOLONG or Errno.ELOOP or Errno.EOVERFLOW =>
            StatusCodes.Status400BadRequest,
        Errno.EDQUOT or Errno.EMFILE => StatusCodes.Status429TooManyRequests,
        Errno.ENOSPC => StatusCodes.Status507InsufficientStorage,
        Errno.EAGAIN or Errno.ENOLINK or Errno.ECONNREFUSED or Errno.ECONNRESET or Errno.EHOSTUNREACH =>
            StatusCodes.Status503ServiceUnavailable,
        Errno.ETIMEDOUT => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };
}
