using System.Globalization;
using Pewter.Linux.Fuse;

namespace Pewter.Linux.Users;

/// <summary>Users and groups of this machine from /etc/passwd and /etc/group, read without the C library's plug-ins.</summary>
public static class UserDatabase
{
    /// <summary>The number of the user that this process runs as.</summary>
    public static uint Current => FuseNative.EffectiveUser();

    /// <summary>Finds a user by name or number; null when there is none.</summary>
    public static UserEntry? Find(string nameOrNumber, string root = "")
    {
        foreach (var fields in Lines($"{root}/etc/passwd", 7))
        {
            if (fields[0] == nameOrNumber || fields[2] == nameOrNumber)
            {
                return new UserEntry(fields[0], Number(fields[2]), Number(fields[3]), GroupsOf(fields[0], root), fields[5], fields[6]);
            }
        }

        return uint.TryParse(nameOrNumber, CultureInfo.InvariantCulture, out var number)
            ? new UserEntry(nameOrNumber, number, number, [], "/", "/bin/sh")
            : null;
    }

    /// <summary>The name of a user, or the number as text.</summary>
    public static string NameOf(uint user, string root = "")
    {
        var number = user.ToString(CultureInfo.InvariantCulture);
        return Lines($"{root}/etc/passwd", 7).FirstOrDefault(fields => fields[2] == number)?[0] ?? number;
    }

    /// <summary>Finds a user by number alone, so that a user named "1000" is not taken for it; null when there is none.</summary>
    public static UserEntry? FindById(uint user, string root = "")
    {
        var number = user.ToString(CultureInfo.InvariantCulture);
        var fields = Lines($"{root}/etc/passwd", 7).FirstOrDefault(fields => fields[2] == number);
        return fields is null ? null : new UserEntry(fields[0], user, Number(fields[3]), GroupsOf(fields[0], root), fields[5], fields[6]);
    }

    /// <summary>The name of a group, or the number as text.</summary>
    public static string GroupNameOf(uint group, string root = "")
    {
        var number = group.ToString(CultureInfo.InvariantCulture);
        return Lines($"{root}/etc/group", 4).FirstOrDefault(fields => fields[2] == number)?[0] ?? number;
    }

    private static List<uint> GroupsOf(string user, string root) =>
        [.. Lines($"{root}/etc/group", 4).Where(fields => fields[3].Split(',').Contains(user)).Select(fields => Number(fields[2]))];

    private static IEnumerable<string[]> Lines(string path, int fields) =>
        File.Exists(path) ? File.ReadLines(path).Select(line => line.Split(':')).Where(parts => parts.Length >= fields) : [];

    private static uint Number(string text) => uint.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : uint.MaxValue;
}
