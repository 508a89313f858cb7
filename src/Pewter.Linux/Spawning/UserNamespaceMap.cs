using System.Globalization;

namespace Pewter.Linux.Spawning;

/// <summary>How numbers of users and groups inside a new user namespace map to the outside: the lines of uid_map and gid_map.</summary>
/// <param name="Users">For example <c>0 100000 65536</c>.</param>
/// <param name="Groups">The same for groups.</param>
public sealed record UserNamespaceMap(string Users, string Groups)
{
    /// <summary>How many identifiers a namespace has: all that /etc/passwd of an ordinary system uses.</summary>
    public const uint Count = 65_536;

    /// <summary>Every identifier maps to itself: capabilities are confined, ownership stays.</summary>
    public static UserNamespaceMap Identity { get; } = new("0 0 65536", "0 0 65536");

    /// <summary>Who root inside is outside.</summary>
    public uint Root => uint.Parse(Users.Split(' ', '\n')[1], CultureInfo.InvariantCulture);

    /// <summary>Whether root inside is root outside.</summary>
    public bool IsRootOutside => Root == 0;

    /// <summary>
    /// A namespace whose root is nobody outside: its identifiers are the <see cref="Count"/> from <paramref name="first"/> on, but that one
    /// user and one group, whose namespace it is, stay themselves.
    /// </summary>
    /// <param name="first">The first of a range that nobody outside has.</param>
    /// <param name="user">The user that stays; root and those beyond the range do not.</param>
    /// <param name="group">The group that stays.</param>
    public static UserNamespaceMap Of(uint first, uint user, uint group) => new(Lines(first, user), Lines(first, group));

    private static string Lines(uint first, uint own)
    {
        if (own is 0 or >= Count)
        {
            return string.Create(CultureInfo.InvariantCulture, $"0 {first} {Count}");
        }

        var lines = string.Create(CultureInfo.InvariantCulture, $"0 {first} {own}\n{own} {own} 1");
        var after = own + 1;
        return after == Count
            ? lines
            : string.Create(CultureInfo.InvariantCulture, $"{lines}\n{after} {first + after} {Count - after}");
    }
}
