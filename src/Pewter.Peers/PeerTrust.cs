namespace Pewter.Peers;

/// <summary>
/// What a daemon believes when its parent says who is asking. The parent vouches for its callers; this says how far that goes here.
/// </summary>
public enum PeerTrust
{
    /// <summary>Everybody is one reader without a name here: what all may read can be read, nothing can be changed.</summary>
    Nobody,

    /// <summary>
    /// Users and groups are others than those here: <c>ann</c> of the parent <c>gw</c> is <c>ann@gw</c>, her group <c>lab@gw</c>.
    /// </summary>
    Guests,

    /// <summary>
    /// Users and groups are the same on both machines, except for administrators, who are none here, and for what is root's.
    /// </summary>
    Users,

    /// <summary>The same, and who is an administrator there is one here.</summary>
    Admins,
}
