using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Trees;

/// <summary>A file found in the tree: its path, itself and its attributes.</summary>
/// <param name="Path">Absolute, as asked for.</param>
/// <param name="File">The file; a symbolic link is not followed by a listing.</param>
/// <param name="Stat">Its attributes.</param>
/// <param name="LinkTarget">Where a symbolic link leads.</param>
public sealed record TreeEntry(string Path, ServedFile File, FileStat Stat, string? LinkTarget)
{
    private const uint TypeMask = 0xF000;
    private const uint DirectoryType = 0x4000;
    private const uint LinkType = 0xA000;

    /// <summary>The last element of the path.</summary>
    public string Name => Path == "/" ? "/" : Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => (Stat.Mode & TypeMask) == DirectoryType;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsLink => (Stat.Mode & TypeMask) == LinkType;

    /// <summary>The kind, as <c>ls -F</c> and JSON know it.</summary>
    public string Kind => IsDirectory ? "directory" : IsLink ? "link" : "file";
}
