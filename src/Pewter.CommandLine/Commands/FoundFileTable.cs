using System.Globalization;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Linux.Users;

namespace Pewter.CommandLine.Commands;

/// <summary>Files as <c>ls -l</c> and <c>stat</c> print them.</summary>
internal static class FoundFileTable
{
    public static readonly Table<FoundFile> Table = new Table<FoundFile>(entry => entry.Path)
        .Text("mode", entry => ModeText.Text(entry.Stat.Mode))
        .Text("owner", entry => Owner(entry.Stat.User, entry.Stat.Uid))
        .Text("group", entry => Owner(entry.Stat.Group, entry.Stat.Gid))
        .Number("size", entry => (long)entry.Stat.Size, Bytes.Text)
        .Text("modified", entry => Time(entry.Stat.ModifiedAt))
        .Column("name", Name, (json, entry) => json.WriteStringValue(entry.Name))
        .Hidden("path", (json, entry) => json.WriteStringValue(entry.Path))
        .Hidden("kind", (json, entry) => json.WriteStringValue(entry.Kind))
        .Hidden("permissions", (json, entry) => json.WriteStringValue(ModeText.Octal(entry.Stat.Mode)))
        .Hidden("target", (json, entry) => json.WriteStringValue(entry.LinkTarget));

    private static string Name(FoundFile entry) => entry.LinkTarget is { } target ? $"{entry.Name} -> {target}"
        : entry.IsDirectory && entry.Name != "/" ? entry.Name + "/" : entry.Name;

    private static string Owner(string? name, uint number) => name is { Length: > 0 } ? name : UserDatabase.NameOf(number);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
