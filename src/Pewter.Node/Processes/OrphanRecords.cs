using System.Globalization;
using Pewter.Linux.Processes;

namespace Pewter.Node.Processes;

/// <summary>
/// How processes ended whose agent had died: written by the agent's guardian, which becomes their parent, read by the next agent. A line:
/// <c>pid ticks code signal user_us system_us peak_bytes</c>, with -1 for no code.
/// </summary>
public static class OrphanRecords
{
    // Ten thousand lines: as many as an agent keeps records of. The oldest half goes when there are more.
    private const long MostBytes = 512 << 10;

    /// <summary>Adds a line.</summary>
    public static void Append(string path, WaitStatus status, long startTicks)
    {
        if (File.Exists(path) && new FileInfo(path).Length > MostBytes)
        {
            var lines = File.ReadAllLines(path);
            File.WriteAllLines($"{path}.new", lines[(lines.Length / 2)..]);
            File.Move($"{path}.new", path, overwrite: true);
        }

        File.AppendAllText(path, string.Create(
            CultureInfo.InvariantCulture,
            $"{status.ProcessId} {startTicks} {status.ExitCode ?? -1} {status.Signal} " +
            $"{(long)status.Usage.UserTime.TotalMicroseconds} {(long)status.Usage.SystemTime.TotalMicroseconds} " +
            $"{status.Usage.PeakMemoryBytes}\n"));
    }

    internal static WaitStatus? Find(string path, RunningProcess process) => Find(path, process.Id, process.StartTicks);

    internal static WaitStatus? Find(string path, int process, long startTicks)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var start = string.Create(CultureInfo.InvariantCulture, $"{process} {startTicks} ");
        return File.ReadLines(path).LastOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) is { } found ? Parse(found) : null;
    }

    private static WaitStatus? Parse(string line)
    {
        var fields = line.Split(' ');
        if (fields.Length < 7)
        {
            return null;
        }

        var numbers = fields.Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        var usage = new ResourceUsage(
            TimeSpan.FromMicroseconds(numbers[4]), TimeSpan.FromMicroseconds(numbers[5]), numbers[6], 0, 0, 0, 0, 0);
        return new WaitStatus((int)numbers[0], numbers[2] < 0 ? null : (int)numbers[2], (int)numbers[3], false, usage);
    }
}
