using System.Buffers;
using System.Text;
using Pewter.NineP.Serving;

namespace Pewter.NineP.Client;

/// <summary>Whole files at once, for small ones.</summary>
public static class NineContent
{
    /// <summary>Opens a file below this directory.</summary>
    public static async Task<NineFile> OpenPathAsync(
        this NineFile directory, string path, OpenFlags flags, CancellationToken cancellation = default)
    {
        var file = await directory.WalkAsync(path, cancellation);
        try
        {
            await file.OpenAsync(flags, cancellation);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads an open file from the start to its end.</summary>
    /// <exception cref="FileException">EFBIG when it is longer than <paramref name="limit"/> bytes.</exception>
    public static async Task<byte[]> ReadAllAsync(this NineFile file, int limit, CancellationToken cancellation = default)
    {
        var content = new ArrayBufferWriter<byte>();
        while (true)
        {
            var count = await file.ReadAsync((ulong)content.WrittenCount, content.GetMemory(8192), cancellation);
            if (count == 0)
                return content.WrittenSpan.ToArray();
            content.Advance(count);
            if (content.WrittenCount > limit)
                throw new FileException(Errno.EFBIG, $"The file is longer than {limit} bytes.");
        }
    }

    /// <summary>Reads a text file below this directory, of 16 MiB at most.</summary>
    public static async Task<string> ReadTextAsync(this NineFile directory, string path, CancellationToken cancellation = default)
    {
        await using var file = await directory.OpenPathAsync(path, OpenFlags.ReadOnly, cancellation);
        return Encoding.UTF8.GetString(await file.ReadAllAsync(16 << 20, cancellation));
    }

    /// <summary>Writes all bytes at an offset, in as many messages as it takes.</summary>
    public static async Task WriteAllAsync(
        this NineFile file, ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation = default)
    {
        while (data.Length > 0)
        {
            var count = await file.WriteAsync(offset, data, cancellation);
            if (count == 0)
                throw new FileException(Errno.EIO, "The server accepts no more.");
            offset += (uint)count;
            data = data[count..];
        }
    }
}
