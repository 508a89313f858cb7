using Pewter.NineP;

namespace Pewter.CommandLine.Trees;

/// <summary>An entry of a directory as its listing tells it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The kind.</param>
public readonly record struct TreeName(string Name, QidType Type)
{
    /// <summary>The name with '/' behind a directory and '@' behind a link, as <c>ls -F</c> prints it.</summary>
    public string Marked => Type.HasFlag(QidType.Directory) ? Name + "/" : Type.HasFlag(QidType.Symlink) ? Name + "@" : Name;
}
