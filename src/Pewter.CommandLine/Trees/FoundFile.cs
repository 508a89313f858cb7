using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Trees;

/// <summary>A file found in the tree: its path, itself and its attributes.</summary>
/// <param name="Path">Absolute, as asked for.</param>
/// <param name="File">The file; a symbolic link is not followed by a listing.</param>
/// <param name="Stat">Its attributes.</param>
/// <param name="LinkTarget">Where a symbolic link leads.</param>
internal sealed record FoundFile(string Path, ServedFile File, FileStat Stat, string? LinkTarget)
{
    private const uint TypeMask = 0xF000;
    private const uint DirectoryType = 0x4000;
    private const uint LinkType = 0xA000;

    /// <summary>The last element of the path.</summary>
    public string Name => Path == "/" ? "/" : Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => IsOf(Stat, DirectoryType);

    /// <summary>The kind, as <c>ls -F</c> and JSON know it.</summary>
    public string Kind => IsDirectory ? "directory" : IsOf(Stat, LinkType) ? "link" : "file";

    /// <summary>Asks a file for its attributes and, when it is a link, where it leads.</summary>
    public static async ValueTask<FoundFile> DescribeAsync(string path, ServedFile file, Caller caller, CancellationToken cancellation)
    {
        var stat = await file.StatAsync(caller, cancellation);
        return new FoundFile(path, file, stat, IsOf(stat, LinkType) ? await file.ReadLinkAsync(caller, cancellation) : null);
    }

    private static bool IsOf(in FileStat stat, uint type) => (stat.Mode & TypeMask) == type;
}
