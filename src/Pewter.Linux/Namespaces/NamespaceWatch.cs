using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Namespaces;

/// <summary>
/// Namespaces that somebody wants to see gone. Each is held open here, which keeps its number from being given to another: whatever is found in
/// it later is in that very one. One caller at a time; dispose to let them go.
/// </summary>
public sealed class NamespaceWatch : IDisposable
{
    private static readonly string[] Kinds = ["mnt", "net", "pid", "uts", "ipc", "user"];

    private readonly Dictionary<string, SafeFileHandle> _held = new(StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _held.Count;

    /// <summary>Adds those of a process that the caller itself is not in; nothing for a process that is gone.</summary>
    public void Add(int process)
    {
        foreach (var kind in Kinds)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/{kind}");
            if (Target(path) is not { } name || name == Target($"/proc/self/ns/{kind}") || _held.ContainsKey(name))
            {
                continue;
            }

            try
            {
                var handle = NamespaceHandle.OpenFile(path);

                // The process may have ended, and its number have gone to another, between the two looks.
                if (Target(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.Number()}")) == name)
                {
                    _held[name] = handle;
                }
                else
                {
                    handle.Dispose();
                }
            }
            catch (LinuxException)
            {
                // It has just ended.
            }
        }
    }

    /// <summary>
    /// Who is in one of them or holds it open, this process aside: a thread, a descriptor or a mount, as <c>net:[4026532282]: /proc/77/ns/net</c>.
    /// Looks at the whole machine, so it takes some tens of milliseconds.
    /// </summary>
    public IReadOnlyList<string> Holders()
    {
        var found = new List<string>();
        var self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (var process in Entries("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]) && Path.GetFileName(path) != self))
        {
            var inside = Entries($"{process}/task").SelectMany(task => Kinds.Select(kind => $"{task}/ns/{kind}"));
            foreach (var link in inside.Concat(Entries($"{process}/fd")))
            {
                if (Target(link) is { } name && _held.ContainsKey(name))
                {
                    found.Add($"{name}: {link}");
                }
            }
        }

        const int Root = 3;
        const int Place = 4;
        found.AddRange(File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')).Where(words => _held.ContainsKey(words[Root]))
            .Select(words => $"{words[Root]}: mounted at {words[Place]}"));
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var handle in _held.Values)
        {
            handle.Dispose();
        }

        _held.Clear();
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] Entries(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
