using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The one place where rights are decided. The class of the caller (owner, group, others) picks three bits of the mode, as in Unix; an
/// administrator passes; a caller who may not write gets <see cref="Errno.EROFS"/> for every change, administrator or not.
/// </summary>
public static class AccessPolicy
{
    /// <summary>Whether the caller has all of the wanted rights.</summary>
    public static bool Allows(Caller caller, Owner owner, uint mode, AccessRights wanted)
    {
        if (wanted.HasFlag(AccessRights.Write) && !caller.MayWrite)
        {
            return false;
        }

        if (caller.IsAdmin)
        {
            return true;
        }

        var shift = caller.User == owner.User ? 6 : IsMember(caller, owner.Group) ? 3 : 0;
        return ((mode >> shift) & (uint)wanted) == (uint)wanted;
    }

    /// <summary>Throws EROFS or EACCES, with a sentence, unless the caller has all of the wanted rights to the file.</summary>
    public static void Demand(TreeFile file, Caller caller, AccessRights wanted)
    {
        if (wanted.HasFlag(AccessRights.Write))
        {
            DemandMayWrite(caller);
        }

        if (!Allows(caller, file.Owner, file.Mode, wanted))
        {
            throw new FileException(
                Errno.EACCES,
                $"{file.Path}: {caller.User} may not {Verb(wanted)} it; it belongs to {file.Owner.User}:{file.Owner.Group}.");
        }
    }

    /// <summary>Throws EROFS when the caller may change nothing at all.</summary>
    public static void DemandMayWrite(Caller caller)
    {
        if (!caller.MayWrite)
        {
            throw new FileException(Errno.EROFS, $"{caller.User} may only read: the token allows no changes.");
        }
    }

    private static bool IsMember(Caller caller, string group)
    {
        for (var i = 0; i < caller.Groups.Count; i++)
        {
            if (caller.Groups[i] == group)
            {
                return true;
            }
        }

        return false;
    }

    private static string Verb(AccessRights wanted) => wanted switch
    {
        AccessRights.Execute => "walk through",
        AccessRights.Read => "read",
        AccessRights.Write => "write",
        _ => "read and write",
    };
}
