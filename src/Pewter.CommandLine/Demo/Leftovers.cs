using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pewter.CommandLine.Demo;

/// <summary>What of a system is still on this machine: looked for in the kernel itself, not in the system's own books.</summary>
internal static class Leftovers
{
    /// <summary>A line for each process, mount, cgroup and file that names the state directory or its tag; none when all is gone.</summary>
    public static IReadOnlyList<string> Find(string state)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(state)));
        string[] names = [state, $"pewter-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}"];
        return [.. Processes(names), .. Mounts(names), .. Cgroups(names[1]), .. Directory.Exists(state) ? [$"directory {state}"] : (string[])[]];
    }

    private static IEnumerable<string> Processes(string[] names)
    {
        var self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path["/proc/".Length])))
        {
            var command = Read(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
            if (names.Any(command.Contains) && Path.GetFileName(directory) != self)
            {
                yield return $"process {Path.GetFileName(directory)} {command}";
            }
        }
    }

    private static IEnumerable<string> Mounts(string[] names) =>
        Read("/proc/self/mounts").Split('\n').Where(line => names.Any(line.Contains)).Select(line => $"mount {line}");

    private static IEnumerable<string> Cgroups(string tag)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true };
        return Directory.Exists("/sys/fs/cgroup")
            ? Directory.EnumerateDirectories("/sys/fs/cgroup", $"*{tag}*", options).Select(path => $"cgroup {path}")
            : [];
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // A process that has just ended, or another's.
            return "";
        }
    }
}
