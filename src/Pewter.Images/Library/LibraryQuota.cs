using System.Collections.Concurrent;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Images.Library;

/// <summary>
/// How many bytes of images and disks a user may have: by their sizes, whatever they share, so that what a user may have does not depend on what
/// others do. Administrators have no limit. All members may be called at once.
/// </summary>
internal sealed class LibraryQuota(long? byDefault)
{
    private readonly ConcurrentDictionary<string, long> _own = new(StringComparer.Ordinal);

    /// <summary>Users with a quota of their own.</summary>
    public IEnumerable<KeyValuePair<string, long>> Own => _own.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    /// <summary>What stands for users without one; null: no limit.</summary>
    public long? Default => byDefault;

    /// <summary>Gives a user a quota, or takes it.</summary>
    public void Set(string user, long? bytes)
    {
        if (bytes is { } most)
        {
            _own[user] = most;
        }
        else
        {
            _own.TryRemove(user, out _);
        }
    }

    /// <summary>The bytes a user may have; null: no limit.</summary>
    public long? Of(string user) => _own.TryGetValue(user, out var bytes) ? bytes : byDefault;

    /// <summary>Refuses more bytes than the caller may have.</summary>
    /// <exception cref="FileException">EDQUOT.</exception>
    public void Demand(Caller caller, string owner, long used, long more)
    {
        if (!caller.IsAdmin && Of(owner) is { } most && used + more > most)
        {
            throw new FileException(
                Errno.EDQUOT, $"{owner} may have {most} bytes of images and disks, has {used} and asks for {more}: release some first.");
        }
    }
}
