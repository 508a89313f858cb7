using System.Xml.Linq;

namespace Pewter.House.Tests;

/// <summary>What a project file says of its place in the house.</summary>
internal sealed record ProjectFile(string Path, IReadOnlyList<string> References)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The folder at the root that it lies in: src, apps, test, …</summary>
    public string Folder => Path.Split('/')[0];

    public static IReadOnlyList<ProjectFile> All { get; } =
        [.. Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Select(file => Parse(file, Repository.Read(file)))];

    public static ProjectFile Parse(string path, string xml) => new(
        path,
        [.. XDocument.Parse(xml).Descendants("ProjectReference")
            .Select(reference => System.IO.Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!))]);
}
