using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;

namespace Pewter.Linux.Processes;

/// <summary>
/// A file as another process has it mapped: the file's content, and over it what that process alone has written when
/// its mapping is private. The process must not run meanwhile. Needs root.
/// </summary>
public sealed class MappedFile
{
    private const int PieceBytes = 256 << 10;
    private const long ShareBytes = 8 << 20;
    private const int PageBytes = 4096;
    private const ulong Present = 1UL << 63;
    private const ulong Swapped = 1UL << 62;
    private const ulong OfFile = 1UL << 61;

    private readonly int _process;
    private readonly List<Mapping> _mappings;

    private MappedFile(int process, List<Mapping> mappings) => (_process, _mappings) = (process, mappings);

    /// <summary>
    /// Finds where a process has a file mapped, also when the file's name is gone; null when it has not.
    /// </summary>
    public static MappedFile? Find(int process, string path)
    {
        var mappings = new List<Mapping>();
        foreach (var line in File.ReadLines($"/proc/{process}/maps"))
        {
            if (line.EndsWith(path, StringComparison.Ordinal) || line.EndsWith(path + " (deleted)", StringComparison.Ordinal))
            {
                var words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
                var range = words[0].Split('-');
                mappings.Add(new Mapping(words[0], Hex(range[0]), Hex(range[1]), Hex(words[2]), words[1][3] == 'p'));
            }
        }

        return mappings.Count == 0 ? null : new MappedFile(process, mappings);
    }

    /// <summary>
    /// Writes what the process sees into a file that is all holes; pages of zeroes stay holes. Returns the bytes
    /// written.
    /// </summary>
    public long CopyTo(SafeFileHandle target)
    {
        var copied = 0L;
        foreach (var mapping in _mappings)
        {
            using var file = File.OpenHandle($"/proc/{_process}/map_files/{mapping.Name}");
            copied += Copy(Shares(Extents(file, mapping)), (piece, offset) => RandomAccess.Read(file, piece, offset), target);
            if (mapping.IsPrivate)
            {
                using var memory = File.OpenHandle($"/proc/{_process}/mem");
                copied += Copy(
                    Shares(OwnPages(mapping)),
                    (piece, offset) => (int)FileCalls.Read(memory, piece, offset - mapping.Offset + mapping.Start),
                    target,
                    keepZeroes: true);
            }
        }

        return copied;
    }

    private delegate int Source(Span<byte> piece, long offset);

    // Two processors' worth of copying: the machine whose memory it is stands still for as long as this takes.
    private static long Copy(
        IEnumerable<(long Start, long End)> shares, Source read, SafeFileHandle target, bool keepZeroes = false)
    {
        var copied = 0L;
        Parallel.ForEach(shares, share =>
        {
            var buffer = new byte[PieceBytes];
            for (var at = share.Start; at < share.End;)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(PieceBytes, share.End - at));
                var count = read(piece, at);
                if (count <= 0)
                {
                    throw new IOException("The memory of a process cannot be read: it has ended.");
                }

                Interlocked.Add(ref copied, Write(piece[..count], target, at, keepZeroes));
                at += count;
            }
        });
        return copied;
    }

    private static long Write(ReadOnlySpan<byte> data, SafeFileHandle target, long offset, bool keepZeroes)
    {
        var written = 0L;
        for (var start = 0; start < data.Length;)
        {
            // Runs of pages that hold something, in one write each.
            var end = start;
            while (end < data.Length && (keepZeroes || data.Slice(end, Math.Min(PageBytes, data.Length - end)).ContainsAnyExcept((byte)0)))
            {
                end = Math.Min(end + PageBytes, data.Length);
            }

            if (end > start)
            {
                RandomAccess.Write(target, data[start..end], offset + start);
                written += end - start;
            }

            start = end + PageBytes;
            start = end == data.Length ? data.Length : start;
        }

        return written;
    }

    private static IEnumerable<(long Start, long End)> Extents(SafeFileHandle file, Mapping mapping)
    {
        var limit = mapping.Offset + (mapping.End - mapping.Start);
        for (var at = mapping.Offset; at < limit;)
        {
            var data = FileCalls.NextData(file, at);
            if (data < 0 || data >= limit)
            {
                yield break;
            }

            var hole = Math.Min(limit, FileCalls.NextHole(file, data));
            yield return (data, hole);
            at = hole;
        }
    }

    // Documentation/admin-guide/mm/pagemap.rst: present or swapped, and not a page of the file.
    private IEnumerable<(long Start, long End)> OwnPages(Mapping mapping)
    {
        using var map = File.OpenHandle($"/proc/{_process}/pagemap");
        var pages = (int)((mapping.End - mapping.Start) / PageBytes);
        var entries = new byte[pages * sizeof(ulong)];
        var count = 0;
        var start = mapping.Start / PageBytes * sizeof(ulong);
        while (count < entries.Length && RandomAccess.Read(map, entries.AsSpan(count), start + count) is > 0 and var more)
        {
            count += more;
        }

        for (var page = 0; page < pages;)
        {
            var first = page;
            while (page < pages && IsOwn(entries, page))
            {
                page++;
            }

            if (page > first)
            {
                yield return (mapping.Offset + ((long)first * PageBytes), mapping.Offset + ((long)page * PageBytes));
            }

            page++;
        }
    }

    private static bool IsOwn(byte[] entries, int page)
    {
        var entry = BitConverter.ToUInt64(entries, page * sizeof(ulong));
        return (entry & (Present | Swapped)) != 0 && (entry & OfFile) == 0;
    }

    private static IEnumerable<(long Start, long End)> Shares(IEnumerable<(long Start, long End)> ranges)
    {
        foreach (var (start, end) in ranges)
        {
            for (var at = start; at < end; at += ShareBytes)
            {
                yield return (at, Math.Min(end, at + ShareBytes));
            }
        }
    }

    private static long Hex(string text) => long.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private sealed record Mapping(string Name, long Start, long End, long Offset, bool IsPrivate);
}
