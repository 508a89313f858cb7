namespace Pewter.Linux.Spawning;

/// <summary>How numbers of users and groups inside a new user namespace map to the outside: the lines of uid_map and gid_map.</summary>
/// <param name="Users">For example <c>0 100000 65536</c>.</param>
/// <param name="Groups">The same for groups.</param>
public sealed record UserNamespaceMap(string Users, string Groups)
{
    /// <summary>Every identifier maps to itself: capabilities are confined, ownership stays.</summary>
    public static UserNamespaceMap Identity { get; } = new("0 0 65536", "0 0 65536");
}
