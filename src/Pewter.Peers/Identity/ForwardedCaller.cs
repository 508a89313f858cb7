using Pewter.Linux.Users;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Peers.Identity;

/// <summary>
/// A caller as one daemon tells it to the next, in an attach: the user is the name, and the access name says
/// <c>/,groups=a:b,admin=1,read=1</c>. It is the
/// word of the daemon that attaches, never that of its users: they reach only that daemon's own doors. What it counts for is the other's
/// <see cref="PeerTrust"/>.
/// </summary>
internal static class ForwardedCaller
{
    private const string Root = "root";
    private const int MaxGroups = 256;

    /// <summary>The access name that tells a caller.</summary>
    public static string AccessName(Caller caller)
    {
        var groups = caller.Groups.Count == 0 ? "" : ",groups=" + string.Join(':', caller.Groups.Select(Uri.EscapeDataString));
        return "/" + groups + (caller.IsAdmin ? ",admin=1" : "") + (caller.MayWrite ? "" : ",read=1");
    }

    /// <summary>Whether two callers are one for a peer: the key of an attach.</summary>
    public static string KeyOf(Caller caller) => Uri.EscapeDataString(caller.User) + AccessName(caller);

    /// <summary>Who an attach stands for, as told.</summary>
    /// <exception cref="FileException">EINVAL: it tells nobody.</exception>
    public static Caller Read(string userName, string accessName)
    {
        var caller = new Caller { User = userName };
        var parts = accessName.Split(',');
        if (userName.Length == 0 || userName.Any(char.IsControl) || parts[0] is not ("" or "/"))
        {
            throw new FileException(Errno.EINVAL, "An attach of a peer names a user and the whole tree.");
        }

        foreach (var part in parts.Skip(1))
        {
            caller = part switch
            {
                "admin=1" => caller with { IsAdmin = true },
                "read=1" => caller with { MayWrite = false },
                _ when part.StartsWith("groups=", StringComparison.Ordinal) =>
                    caller with { Groups = [.. part[7..].Split(':').Take(MaxGroups).Select(Uri.UnescapeDataString)] },
                _ => throw new FileException(Errno.EINVAL, "An attach of a peer has the options groups, admin and read."),
            };
        }

        return caller;
    }

    /// <summary>Who a caller of the parent is here.</summary>
    public static Caller Admit(Caller told, string parent, PeerTrust trust) => trust switch
    {
        PeerTrust.Admins when told.IsAdmin => Here(told, told.User, told.Groups) with { IsAdmin = true },
        PeerTrust.Admins or PeerTrust.Users => Here(told, Named(told.User, parent), [.. told.Groups.Where(group => group != Root)]),
        PeerTrust.Guests => new Caller
        {
            User = $"{told.User}@{parent}", Groups = [.. told.Groups.Select(group => $"{group}@{parent}")], MayWrite = told.MayWrite,
        },
        _ => new Caller { User = $"anybody@{parent}", MayWrite = false },
    };

    // Files of the daemon are root's by name, so that name is never taken over from a caller who is no administrator here.
    private static string Named(string user, string parent) => user == Root ? $"{Root}@{parent}" : user;

    private static Caller Here(Caller told, string user, IReadOnlyList<string> groups)
    {
        // A number means something on this machine only, and only to a user that it has under this name. uid 0 is root's, under whatever name.
        var entry = UserDatabase.Find(user) is { } found && found.Name == user && !uint.TryParse(user, out _) ? found : null;
        if (entry is { Id: 0 } && user != Root)
        {
            entry = null;
        }

        return new Caller
        {
            User = user, Groups = groups, MayWrite = told.MayWrite, Uid = entry?.Id ?? uint.MaxValue, Gid = entry?.Group ?? uint.MaxValue,
        };
    }
}
