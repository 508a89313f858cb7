using System.Text.Json;

namespace Pewter.Node.Processes;

/// <summary>
/// What a journal tells a new agent: who was running, which records are there to be read, which numbers are used. An agent that dies
/// between a process's start and its line leaves a process in a cgroup of the agent's that no line names; the sweep ends it.
/// </summary>
internal sealed class Recovery
{
    private readonly Dictionary<long, (StartLine Line, string Text)> _running = [];
    private readonly Dictionary<long, (ExitRecord Record, string Text)> _ended = [];
    private readonly HashSet<long> _wiped = [];

    /// <summary>Processes that were not known to be over.</summary>
    internal IEnumerable<StartLine> Running => _running.Values.Select(entry => entry.Line);

    /// <summary>Records of sessions that were not wiped.</summary>
    internal IEnumerable<ExitRecord> Ended => _ended.Values.Select(entry => entry.Record);

    /// <summary>The highest number that may have been used.</summary>
    internal long LastId { get; private set; }

    internal static Recovery Read(string path)
    {
        var recovery = new Recovery();
        foreach (var line in ExitJournal.Read(path))
        {
            recovery.Apply(line);
        }

        return recovery;
    }

    /// <summary>Replaces the journal by the lines that still say something, atomically, with the newest records only.</summary>
    internal void Rewrite(string path, int records)
    {
        var drop = Math.Max(0, _ended.Count - records);
        foreach (var id in _ended.Keys.Order().Take(drop).ToList())
        {
            _ended.Remove(id);
        }

        var lines = _running.Values.Select(entry => entry.Text).Concat(_ended.Values.Select(entry => entry.Text));
        File.WriteAllLines($"{path}.new", lines.Prepend(JournalLines.Reserve(LastId)));
        File.Move($"{path}.new", path, overwrite: true);
    }

    private void Apply(JsonElement line)
    {
        var id = Number(line, "start") ?? Number(line, "id") ?? Number(line, "wipe") ?? Number(line, "reserve") ?? 0;
        LastId = Math.Max(LastId, id);
        if (line.TryGetProperty("start", out _))
        {
            _running[id] = (StartLine.Parse(line), line.GetRawText());
        }
        else if (line.TryGetProperty("id", out _))
        {
            _running.Remove(id);
            if (!_wiped.Contains(id))
            {
                _ended[id] = (ExitRecord.Parse(line), line.GetRawText());
            }
        }
        else if (line.TryGetProperty("wipe", out _))
        {
            // A wiped session whose process is not known to be over stays among the running, to be found and ended.
            _ended.Remove(id);
            _wiped.Add(id);
        }
    }

    private static long? Number(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.GetInt64() : null;
}
