using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Http;

/// <summary>Reads an open from its start, in order. Used by one request.</summary>
internal sealed class FileReading(OpenFile open)
{
    private ulong _offset;

    /// <summary>Reads without waiting; false when it would have to wait.</summary>
    public bool TryRead(Span<byte> buffer, out int count)
    {
        if (!open.TryRead(_offset, buffer, out count))
            return false;
        _offset += (ulong)count;
        return true;
    }

    /// <summary>Reads at least one byte, or 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (TryRead(buffer.Span, out var count))
            return count;
        count = await open.ReadAsync(_offset, buffer, cancellation);
        _offset += (ulong)count;
        return count;
    }

    /// <summary>Reads to the end; EFBIG beyond the limit.</summary>
    public async ValueTask<string> ReadTextAsync(int limit, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        var total = 0;
        while (await ReadAsync(buffer.AsMemory(total), cancellation) is > 0 and var count)
        {
            total += count;
            if (total > limit)
                throw new FileException(Errno.EFBIG, $"The file has more than {limit} bytes; ask for application/octet-stream.");
            if (total == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
        }

        return Encoding.UTF8.GetString(buffer, 0, total);
    }
}
