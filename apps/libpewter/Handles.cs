using System.Collections.Concurrent;
using Pewter.NineP;

namespace Pewter.Native;

/// <summary>
/// What C programs hold, by number. A number is never given again, so that a closed handle is an error and never another thing. Safe to
/// share.
/// </summary>
internal static class Handles
{
    private static readonly ConcurrentDictionary<long, object> Table = new();
    private static long _last;

    /// <summary>Gives a thing a number.</summary>
    internal static long Add(object thing)
    {
        var handle = Interlocked.Increment(ref _last);
        Table[handle] = thing;
        return handle;
    }

    /// <summary>The thing of a number.</summary>
    /// <exception cref="FileException">EBADF: there is none, or it is another kind of thing.</exception>
    internal static T Get<T>(long handle)
        where T : class =>
        Table.GetValueOrDefault(handle) as T ?? throw new FileException(
            Errno.EBADF, $"{handle} is no handle of a {typeof(T).Name.ToLowerInvariant()}: it was closed, or is another thing's.");

    /// <summary>Takes a number back.</summary>
    internal static object Remove(long handle) =>
        Table.TryRemove(handle, out var thing) ? thing : throw new FileException(Errno.EBADF, $"{handle} is no handle, or was closed already.");
}
