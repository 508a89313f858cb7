using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>Who a file belongs to. Rights are compared by name; the numbers are only for <c>ls -l</c>. Immutable.</summary>
/// <param name="User">The owning user's name.</param>
/// <param name="Group">The owning group's (tenant's) name.</param>
/// <param name="Uid">The user's number on this machine, <see cref="uint.MaxValue"/> when there is none.</param>
/// <param name="Gid">The group's number on this machine, <see cref="uint.MaxValue"/> when there is none.</param>
public sealed record Owner(string User, string Group, uint Uid = uint.MaxValue, uint Gid = uint.MaxValue)
{
    /// <summary>The daemon itself.</summary>
    public static Owner System { get; } = new("root", "root", 0, 0);

    /// <summary>The owner of what a caller makes: the user and the first of the user's groups.</summary>
    public static Owner Of(Caller caller) =>
        new(caller.User, caller.Groups.Count > 0 ? caller.Groups[0] : caller.User, caller.Uid, caller.Gid);
}
