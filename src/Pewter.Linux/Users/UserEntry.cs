namespace Pewter.Linux.Users;

/// <summary>A user of this machine.</summary>
/// <param name="Name">Login name.</param>
/// <param name="Id">Number.</param>
/// <param name="Group">Primary group's number.</param>
/// <param name="Groups">Supplementary groups' numbers.</param>
/// <param name="Home">Home directory.</param>
/// <param name="Shell">Login shell.</param>
public sealed record UserEntry(string Name, uint Id, uint Group, IReadOnlyList<uint> Groups, string Home, string Shell);
