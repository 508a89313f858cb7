using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux;
using Pewter.Linux.Files;

namespace Pewter.Node.Processes;

/// <summary>
/// The agent's memory beyond its own death: one JSON line when a process starts, when it is over and when it is forgotten. Starts and
/// forgettings are written at once, which outlives the agent; exits are also synced, many at a time, before anybody is told, which
/// outlives the machine.
/// </summary>
/// <remarks>A line without its line end, torn by a crash, is cut off when the journal is opened.</remarks>
public sealed class ExitJournal : IDisposable
{
    private const int WriteOnlyAppendCreate = 0x441;
    private const uint OwnerOnly = 0x180;

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _work = new(false);
    private readonly SafeFileHandle _file;
    private readonly Thread _thread;
    private List<(byte[] Line, Action Done)> _pending = [];
    private bool _stopping;

    /// <summary>Opens or creates a journal. The caller has read it with <see cref="Read"/> before.</summary>
    public ExitJournal(string path)
    {
        CutTornLine(path);
        _file = Descriptors.Own(Descriptors.Open(path, WriteOnlyAppendCreate, OwnerOnly));
        _thread = new Thread(Run) { IsBackground = true, Name = "journal" };
        _thread.Start();
    }

    /// <summary>The whole lines of a journal, oldest first; none when there is no file.</summary>
    public static IEnumerable<JsonElement> Read(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        var text = File.ReadAllText(path);
        foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    /// <summary>Writes a line that must outlive this process.</summary>
    public void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            Append(bytes);
        }
    }

    /// <summary>Writes a line that must outlive the machine; <paramref name="done"/> runs on the journal's thread when it does.</summary>
    public void Commit(string line, Action done)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            _pending.Add((bytes, done));
        }

        _work.Set();
    }

    /// <summary>Syncs what is pending and closes.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
        }

        _work.Set();
        _thread.Join();
        _file.Dispose();
        _work.Dispose();
    }

    private void Run()
    {
        var batch = new List<(byte[] Line, Action Done)>();
        while (true)
        {
            lock (_lock)
            {
                (batch, _pending) = (_pending, batch);
                if (batch.Count == 0 && _stopping)
                {
                    return;
                }

                if (batch.Count > 0)
                {
                    Append(Join(batch));
                }
            }

            if (batch.Count == 0)
            {
                _work.WaitOne();
                continue;
            }

            FileSync.Data(_file);
            batch.ForEach(entry => entry.Done());
            batch.Clear();
        }
    }

    private static byte[] Join(List<(byte[] Line, Action Done)> batch)
    {
        if (batch.Count == 1)
        {
            return batch[0].Line;
        }

        var all = new byte[batch.Sum(entry => entry.Line.Length)];
        var used = 0;
        foreach (var (line, _) in batch)
        {
            line.CopyTo(all, used);
            used += line.Length;
        }

        return all;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = Descriptors.Write(_file.Number(), bytes);
            if (count < 0 && count != -LinuxErrno.EINTR)
            {
                throw new LinuxException(-count, "write the journal of processes");
            }

            bytes = bytes[Math.Max(count, 0)..];
        }
    }

    private static void CutTornLine(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        var end = file.Length;
        while (end > 0)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
            {
                break;
            }

            end--;
        }

        file.SetLength(end);
    }
}
