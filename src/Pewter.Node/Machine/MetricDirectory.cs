using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Node.Machine;

/// <summary>
/// The agent's <c>/metric</c>: a directory a group, a file a value, and <c>all</c> with every value as <c>group.name value</c> lines.
/// </summary>
internal static class MetricDirectory
{
    internal static TreeDirectory Create()
    {
        var directory = new TreeDirectory().Add("all", new TextFile(All));
        foreach (var (name, read) in MetricReadings.Groups)
        {
            directory.Add(name, new GroupDirectory(read));
        }

        return directory;
    }

    private static string All()
    {
        var text = new StringBuilder();
        foreach (var (group, read) in MetricReadings.Groups)
        {
            foreach (var (name, value) in read())
            {
                text.Append(group).Append('.').Append(name).Append(' ').Append(value).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The values of a group. They come and go with devices, so they are looked up when asked for.</summary>
    private sealed class GroupDirectory(Func<IEnumerable<MetricReadings.Reading>> read) : VirtualDirectory
    {
        private readonly TreeDirectory _known = new();
        private readonly Dictionary<string, TextFile> _files = new(StringComparer.Ordinal);

        protected override ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation) =>
            new(read().Any(reading => reading.Name == name) ? FileOf(name) : null);

        protected override ValueTask ListAsync(ulong cookie, DirectoryPage page, Caller caller, CancellationToken cancellation)
        {
            var next = 0UL;
            foreach (var (name, _) in read())
            {
                if (++next > cookie && !page.TryAdd(FileOf(name).Qid, next, name))
                {
                    break;
                }
            }

            return ValueTask.CompletedTask;
        }

        // A file has one place and one qid, so each is made once and kept; there are as many as devices have ever been.
        private TextFile FileOf(string name)
        {
            lock (_files)
            {
                if (!_files.TryGetValue(name, out var file))
                {
                    file = new TextFile(() => read().FirstOrDefault(reading => reading.Name == name).Value
                        ?? throw new FileException(Errno.ENODEV, $"{name} is gone."));
                    _known.Add(name, file);
                    _files[name] = file;
                }

                return file;
            }
        }
    }
}
