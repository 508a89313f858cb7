using System.Globalization;
using System.Text;
using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>
/// The store's records in order: one line each, the CRC-32C of the JSON in eight hexadecimal digits, a space, the JSON. A last line that is not
/// whole was never acknowledged and is cut off. Used by one caller at a time.
/// </summary>
internal sealed class StoreJournal : IDisposable
{
    public const string Name = "journal";
    private const string NewName = "journal.new";
    private const int CompactAbove = 4 << 20;
    private readonly StoreFiles _files;
    private StoreFile _file;
    private long _end;
    private long _compactedTo;

    private StoreJournal(StoreFiles files, StoreFile file)
    {
        _files = files;
        _file = file;
    }

    public static StoreJournal Open(StoreFiles files, out StoreState state)
    {
        files.Delete(NewName);
        bool isNew = !files.Exists(Name);
        if (isNew && files.List().Any(f => LayerFiles.LayerOf(f) is not null))
            throw new BlockException(BlockErrno.EIO, "The store has layers but no journal: restore the journal from a copy.");
        var journal = new StoreJournal(files, files.Open(Name, create: true, writable: true));
        if (isNew)
            files.Sync();
        state = journal.Replay();
        return journal;
    }

    /// <summary>Appends records and makes them durable, all or none.</summary>
    public void Append(IReadOnlyCollection<StoreRecord> records, StoreState after)
    {
        byte[] lines = [.. records.SelectMany(Line)];
        try
        {
            _file.Write(_end, lines);
            _file.Sync();
        }
        catch (BlockException)
        {
            _file.Truncate(_end);
            throw;
        }

        _end += lines.Length;
        if (_end > CompactAbove && _end > 2 * _compactedTo)
            Compact(after);
    }

    public void Dispose() => _file.Dispose();

    private void Compact(StoreState state)
    {
        byte[] lines = [.. state.ToRecords().SelectMany(Line)];
        StoreFile file = _files.Open(NewName, create: true, writable: true);
        file.Truncate(0);
        file.Write(0, lines);
        file.Sync();
        _files.Rename(NewName, Name);
        _files.Sync();
        _file.Dispose();
        _file = file;
        _end = _compactedTo = lines.Length;
    }

    private StoreState Replay()
    {
        var bytes = new byte[_file.Length];
        _file.Read(0, bytes);
        var state = new StoreState();
        int start = 0;
        while (start < bytes.Length)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0 || !TryParse(bytes.AsMemory(start, length), out StoreRecord? record))
            {
                RefuseDamage(bytes.AsSpan(start), length);
                break;
            }

            state = state.Apply(record!);
            start += length + 1;
        }

        _end = start;
        if (_end < bytes.Length)
            _file.Truncate(_end);
        return state;
    }

    // Only the last append can be torn: whole lines after a broken one mean damage.
    private static void RefuseDamage(ReadOnlySpan<byte> rest, int length)
    {
        while (length >= 0)
        {
            rest = rest[(length + 1)..];
            length = rest.IndexOf((byte)'\n');
            if (length > 0 && TryParse(rest[..length].ToArray(), out _))
                throw new BlockException(BlockErrno.EIO, "The store's journal is damaged in the middle: restore it from a copy.");
        }
    }

    private static bool TryParse(ReadOnlyMemory<byte> line, out StoreRecord? record)
    {
        record = null;
        if (line.Length < 10 || !uint.TryParse(line.Span[..8], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint sum))
            return false;
        if (BlockChecksum.Of(line.Span[9..]) != sum)
            return false;
        record = StoreRecord.FromJson(line[9..]);
        return true;
    }

    private static byte[] Line(StoreRecord record)
    {
        byte[] json = record.ToJson();
        string head = BlockChecksum.Of(json).ToString("x8", CultureInfo.InvariantCulture) + " ";
        return [.. Encoding.ASCII.GetBytes(head), .. json, (byte)'\n'];
    }
}
