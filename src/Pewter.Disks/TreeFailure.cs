using Pewter.Blocks;
using Pewter.NineP;

namespace Pewter.Disks;

/// <summary>Failures of blocks as failures of files: the same number and the same sentence.</summary>
internal static class TreeFailure
{
    public static async ValueTask<T> TranslateAsync<T>(Func<ValueTask<T>> action)
    {
        try
        {
            return await action();
        }
        catch (BlockException e)
        {
            throw new FileException((Errno)e.Errno, e.Message, e);
        }
        catch (IOException e)
        {
            throw new FileException(Errno.EIO, e.Message, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new FileException(Errno.EACCES, e.Message, e);
        }
    }
}
