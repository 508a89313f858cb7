using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Transfer;

/// <summary>
/// Takes a raw image from a stream into a layer: zeroes become holes, the SHA-256 is computed on the way, and what is durable is recorded every
/// 256 MiB, so that after a failure or a crash the same import goes on from <see cref="Position"/>. One caller at a time.
/// </summary>
public sealed class RawImport : IAsyncDisposable
{
    private const int ChunkBytes = 1 << 20;
    private const long CheckpointBytes = 256L << 20;
    private readonly LayerStore _store;
    private readonly LayeredDevice _device;
    private readonly string _name;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _durable;

    private RawImport(LayerStore store, LayeredDevice device, string name, long position)
    {
        _store = store;
        _device = device;
        _name = name;
        Position = _durable = position;
    }

    /// <summary>Bytes taken so far; the source is to be given from here.</summary>
    public long Position { get; private set; }

    /// <summary>Begins an import, or goes on with the interrupted one of the same name and source.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="name">The layer's name when it is complete.</param>
    /// <param name="source">What is imported, such as a path or a URL; tells a repeated import from another.</param>
    /// <param name="cancellation">Stops; what was begun can go on later.</param>
    public static async ValueTask<RawImport> BeginAsync(LayerStore store, string name, string source, CancellationToken cancellation)
    {
        DiskInfo disk = await store.BeginImportAsync(name, source, CheckpointBytes, cancellation);
        LayeredDevice device = store.OpenImport(disk);
        var import = new RawImport(store, device, name, disk.ImportedBytes);
        await import.HashAgainAsync(cancellation);
        return import;
    }

    /// <summary>Takes bytes from <see cref="Position"/> on, to the end of the stream.</summary>
    public async ValueTask TakeAsync(Stream source, IProgress<long>? progress, CancellationToken cancellation)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (true)
            {
                int count = await source.ReadAtLeastAsync(chunk.AsMemory(0, ChunkBytes), ChunkBytes, throwOnEndOfStream: false, cancellation);
                if (count == 0)
                    return;
                await TakeAsync(chunk.AsMemory(0, count), cancellation);
                progress?.Report(Position);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Publishes the layer. EIO, and the import stays as it is, when the length or the digest is not the expected one.</summary>
    /// <param name="length">The bytes there must be, or null.</param>
    /// <param name="sha256">The digest there must be, in hexadecimal, or null.</param>
    /// <param name="cancellation">Gives up before the layer is published, never in it.</param>
    public async ValueTask<LayerInfo> CompleteAsync(long? length, string? sha256, CancellationToken cancellation)
    {
        if (Position == 0 || (length is { } expected && expected != Position))
        {
            string wanted = length?.ToString(CultureInfo.InvariantCulture) ?? "some";
            throw new BlockException(BlockErrno.EIO, $"The image {_name} ended after {Position} bytes of {wanted}: it is truncated.");
        }

        string digest = Convert.ToHexStringLower(_hash.GetCurrentHash());
        if (sha256 is not null && !digest.Equals(sha256, StringComparison.OrdinalIgnoreCase))
            throw new BlockException(BlockErrno.EIO, $"The image {_name} has SHA-256 {digest}, not {sha256}: it is not the one that was meant.");
        await _store.ResizeAsync(_device.Id, (Position + 511) / 512 * 512, cancellation);
        return await _store.PublishAsync(_device, _name, cancellation);
    }

    /// <summary>Forgets the import and frees its space.</summary>
    public async ValueTask DropAsync()
    {
        await _device.DisposeAsync();
        await _store.DeleteDiskAsync(_device.Id, CancellationToken.None);
    }

    /// <summary>Leaves; an import that is not complete can go on later.</summary>
    public async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await _device.DisposeAsync();
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        _hash.AppendData(chunk.Span);
        if (Position + chunk.Length > _device.Length)
            await _store.ResizeAsync(_device.Id, Math.Max(_device.Length * 2, Position + ChunkBytes), cancellation);
        await SparseCopy.WriteAsync(_device, Position, chunk, cancellation);
        Position += chunk.Length;
        if (Position - _durable < CheckpointBytes)
            return;
        await _store.ProgressAsync(_device, Position, cancellation);
        _durable = Position;
    }

    private async ValueTask HashAgainAsync(CancellationToken cancellation)
    {
        var chunk = new byte[ChunkBytes];
        for (long offset = 0; offset < Position; offset += chunk.Length)
        {
            int count = (int)Math.Min(chunk.Length, Position - offset);
            await _device.ReadAsync(offset, chunk.AsMemory(0, count), cancellation);
            _hash.AppendData(chunk.AsSpan(0, count));
        }
    }
}
