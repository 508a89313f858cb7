using Pewter.NineP;
using Pewter.Store;

namespace Pewter.Doors.Access;

/// <summary>Changes of the store on behalf of a caller, who is told of a failure as of any other file's.</summary>
internal static class Durably
{
    /// <summary>Makes the change; it is durable when this returns.</summary>
    /// <exception cref="FileException">ENOSPC, EROFS, ESTALE, EIO: what the store says, and that nothing has changed.</exception>
    public static async ValueTask DoAsync(Func<ValueTask> change)
    {
        try
        {
            await change();
        }
        catch (StoreException failure)
        {
            throw new FileException((Errno)failure.Errno, failure.Message, failure);
        }
    }
}
