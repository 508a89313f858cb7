using System.Collections.Concurrent;
using Pewter.Linux.Users;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Identity;

/// <summary>
/// Callers from the numbers that the kernel states: peer credentials of a Unix socket, or the requests of a FUSE mount. Names come from
/// /etc/passwd and /etc/group, read again when those files change. uid 0 is an administrator, and so is the user whose daemon this is. Safe
/// from any thread.
/// </summary>
/// <param name="root">Where etc is found; empty for this machine.</param>
/// <param name="owner">The user whose daemon this is; null: the one that this process runs as.</param>
public sealed class LocalCallers(string root = "", uint? owner = null)
{
    private readonly uint _owner = owner ?? UserDatabase.Current;
    /// <summary>More users than a machine has at once; beyond it the cache starts anew.</summary>
    private const int CacheLimit = 4096;

    private readonly ConcurrentDictionary<(uint Uid, uint Gid), Caller> _known = new();
    private (DateTime Users, DateTime Groups) _stamp;

    /// <summary>Who a process with these numbers is. A uid without a name is named by its number.</summary>
    public Caller Find(uint uid, uint gid)
    {
        ForgetWhenChanged();
        return _known.TryGetValue((uid, gid), out var caller) ? caller : _known[(uid, gid)] = Look(uid, gid);
    }

    /// <summary>Who a uid is by itself, with the primary group that it has in /etc/passwd.</summary>
    public Caller Find(uint uid) => Find(uid, UserDatabase.FindById(uid, root)?.Group ?? uid);

    private Caller Look(uint uid, uint gid)
    {
        var user = UserDatabase.FindById(uid, root);
        IEnumerable<uint> groups = user is null ? [gid] : [gid, user.Group, .. user.Groups];
        return new Caller
        {
            User = user?.Name ?? UserDatabase.NameOf(uid, root),
            Uid = uid,
            Gid = gid,
            Groups = [.. groups.Distinct().Select(group => UserDatabase.GroupNameOf(group, root))],
            IsAdmin = uid == 0 || uid == _owner,
        };
    }

    private void ForgetWhenChanged()
    {
        var stamp = (File.GetLastWriteTimeUtc($"{root}/etc/passwd"), File.GetLastWriteTimeUtc($"{root}/etc/group"));
        if (stamp == _stamp && _known.Count < CacheLimit)
            return;
        _known.Clear();
        _stamp = stamp;
    }
}
