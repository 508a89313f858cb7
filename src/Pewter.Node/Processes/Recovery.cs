using System.Text.Json;

namespace Pewter.Node.Processes;

/// <summary>
/// What a journal tells a new agent: who was running, which records are there to be read, which numbers are used. An agent that dies
/// between a process's start and its line leaves a process in a cgroup of the agent's that no line names; the sweep ends it.
/// </summary>
internal sealed class Recovery
{
    private readonly Dictionary<long, Life> _lives = [];

    /// <summary>Processes that were not known to be over.</summary>
    internal IEnumerable<Life> Running => _lives.Values.Where(life => life is { Start: not null, End: null });

    /// <summary>Records of sessions that were not wiped.</summary>
    internal IEnumerable<Life> Ended => _lives.Values.Where(life => life is { End: not null, IsWiped: false });

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
        foreach (var id in Ended.Select(life => life.End!.Session).OrderDescending().Skip(records).ToList())
        {
            _lives.Remove(id);
        }

        var lines = Running.Concat(Ended).SelectMany(life => life.Lines);
        File.WriteAllLines($"{path}.new", lines.Prepend(JournalLines.Reserve(LastId)));
        File.Move($"{path}.new", path, overwrite: true);
    }

    private void Apply(JsonElement line)
    {
        var kind = line.EnumerateObject().First();
        var id = kind.Value.GetInt64();
        LastId = Math.Max(LastId, id);
        var life = _lives.GetValueOrDefault(id) ?? new Life();
        switch (kind.Name)
        {
            case "start":
                life.Start = StartLine.Parse(line);
                break;
            case "id":
                life.End = ExitRecord.Parse(line);
                break;
            case "keep":
                life.IsKept = line.GetProperty("on").GetBoolean();
                break;
            case "wipe":
                life.IsWiped = true;
                break;
            default:
                return;
        }

        life.Lines.Add(line.GetRawText());
        _lives[id] = life;
    }

    /// <summary>All that the journal says about one session.</summary>
    internal sealed class Life
    {
        public StartLine? Start { get; set; }

        public ExitRecord? End { get; set; }

        public bool IsKept { get; set; }

        public bool IsWiped { get; set; }

        public List<string> Lines { get; } = [];
    }
}
