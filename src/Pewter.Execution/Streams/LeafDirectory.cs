using System.Buffers;
using System.Text;
using System.Text.Json;
using Pewter.Execution.Sessions;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>The directory of one process of a group: <c>/proc/7/0</c>.</summary>
internal static class LeafDirectory
{
    private static readonly string[] DebugFiles = ["maps", "mem", "regs", "stack"];

    internal static TreeDirectory Create(Session session, Leaf leaf, Collection<Session> sessions, TreeClient tree)
    {
        LeafFile File(string name, int mode) => new(_ => new(leaf), name, tree, UnixMode.Octal(mode)) { OpensAtOnce = name == "stdin" };

        string Path() => $"{sessions.Path}/{session.Number}/{leaf.Index}";

        return new TreeDirectory()
            .Add("ctl", File("ctl", 660))
            .Add("status", new TextFile(() => Line(Path(), leaf)))
            .Add("json", new TextFile(() => Json(leaf)))
            .Add("wait", new TextFile(async (_, stop) =>
            {
                await leaf.Ended.WaitAsync(stop);
                return Line(Path(), leaf);
            }))
            .Add("args", File("args", 440))
            .Add("env", File("env", 660))
            .Add("stdin", File("stdin", 220))
            .Add("stdout", File("stdout", 440))
            .Add("stderr", File("stderr", 440))
            .Add("topology", new TextFile(() => leaf.Topology))
            .Add("debug", Debug(_ => new(leaf), tree));
    }

    /// <summary>The <c>debug</c> of a process.</summary>
    internal static TreeDirectory Debug(Func<CancellationToken, ValueTask<Leaf>> leaf, TreeClient tree)
    {
        var directory = new TreeDirectory { Mode = UnixMode.Octal(750) };
        foreach (var name in DebugFiles)
        {
            directory.Add(name, new LeafFile(leaf, "debug/" + name, tree, UnixMode.Octal(440)));
        }

        return directory;
    }

    private static string Line(string path, Leaf leaf)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var line = new Logfmt(buffer).Path(path);
        leaf.Write(line);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static string Json(Leaf leaf)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            leaf.Write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
