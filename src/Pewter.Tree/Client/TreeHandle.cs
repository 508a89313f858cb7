using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>An open file with a place in it, for programs. Used by one task at a time; disposing it is the last close.</summary>
public sealed class TreeHandle(OpenFile open) : IAsyncDisposable
{
    private const int PieceBytes = 64 << 10;

    // The least room for a read: most files of a tree are small, and a thousand peers are read at once. The room grows with the content.
    private const int LeastRoom = 4 << 10;
    private const int EntriesAtOnce = 1024;

    private readonly Queue<string> _lines = new();
    private readonly ArrayBufferWriter<byte> _partial = new();

    /// <summary>Where the next read or write begins, in a file that heeds offsets.</summary>
    public ulong Offset { get; set; }

    /// <summary>The open itself.</summary>
    public OpenFile Open => open;

    /// <summary>Reads at least one byte, or 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation = default)
    {
        if (!open.TryRead(Offset, buffer.Span, out var count))
        {
            count = await open.ReadAsync(Offset, buffer, cancellation);
        }

        Offset += (ulong)count;
        return count;
    }

    /// <summary>Reads piece after piece until the end. A piece is the reader's until it asks for the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadPiecesAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var buffer = new byte[PieceBytes];
        while (await ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            yield return buffer.AsMemory(0, count);
        }
    }

    /// <summary>Reads once, as text: what one read of at most 64 KiB gives.</summary>
    public async ValueTask<string> ReadTextAsync(CancellationToken cancellation = default)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await ReadAsync(buffer, cancellation));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads until the end.</summary>
    public async ValueTask<byte[]> ReadToEndAsync(CancellationToken cancellation = default)
    {
        var (buffer, length) = (ArrayPool<byte>.Shared.Rent(LeastRoom), 0);
        try
        {
            while (await ReadAsync(buffer.AsMemory(length), cancellation) is > 0 and var count)
            {
                length += count;
                buffer = length == buffer.Length ? Grown(buffer) : buffer;
            }

            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the next line, without its newline; null at the end. Waits as long as the file does.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellation = default)
    {
        while (_lines.Count == 0)
        {
            var memory = _partial.GetMemory(LeastRoom);
            var count = await ReadAsync(memory, cancellation);
            if (count == 0)
            {
                return _partial.WrittenCount == 0 ? null : TakeRest();
            }

            _partial.Advance(count);
            SplitLines();
        }

        return _lines.Dequeue();
    }

    /// <summary>Reads line after line until the end.</summary>
    public async IAsyncEnumerable<string> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await ReadLineAsync(cancellation) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Writes all of the data.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation = default)
    {
        while (!data.IsEmpty)
        {
            var count = await open.WriteAsync(Offset, data, cancellation);
            Offset += (ulong)count;
            data = data[count..];
            if (count == 0)
            {
                throw new FileException(Errno.EIO, "The file takes no more.");
            }
        }
    }

    /// <summary>Writes a text.</summary>
    public ValueTask WriteTextAsync(string text, CancellationToken cancellation = default) =>
        WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);

    /// <summary>Gives a line to a ctl and returns what became of it, also when it failed.</summary>
    /// <exception cref="FileException">The ctl refused the line without saying more.</exception>
    public async ValueTask<IReadOnlyList<CommandReply>> TryCommandAsync(string line, CancellationToken cancellation = default)
    {
        FileException? failure = null;
        try
        {
            await WriteTextAsync(line + "\n", cancellation);
        }
        catch (FileException refused)
        {
            failure = refused;
        }

        var replies = CommandReply.Parse(Encoding.UTF8.GetString(await ReadToEndAsync(cancellation)));
        return failure is not null && replies.All(reply => reply.IsOk) ? throw failure : replies;
    }

    /// <summary>Lists a directory from where the last listing of this handle ended.</summary>
    public async ValueTask<IReadOnlyList<TreeEntry>> ReadDirectoryAsync(CancellationToken cancellation = default)
    {
        var all = new List<TreeEntry>();
        EntryPage page;
        do
        {
            page = new(EntriesAtOnce);
            await open.ReadDirectoryAsync(Offset, page, cancellation);
            all.AddRange(page.Entries);
            Offset = all.Count > 0 ? all[^1].Cookie : Offset;
        }
        while (page.Entries.Count > 0);
        return all;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => open.DisposeAsync();

    private static byte[] Grown(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }

    private void SplitLines()
    {
        var rest = _partial.WrittenSpan;
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _lines.Enqueue(Encoding.UTF8.GetString(rest[..end]));
            rest = rest[(end + 1)..];
        }

        var kept = rest.ToArray();
        _partial.ResetWrittenCount();
        _partial.Write(kept);
    }

    private string TakeRest()
    {
        var line = Encoding.UTF8.GetString(_partial.WrittenSpan);
        _partial.ResetWrittenCount();
        return line;
    }
}
