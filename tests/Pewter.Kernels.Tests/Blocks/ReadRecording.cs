using System.Globalization;
using Pewter.Blocks;

namespace Pewter.Kernels.Tests.Blocks;

/// <summary>Records the reads of a disk for the boot storm of the benchmarks: a line a read, offset and length in bytes.</summary>
internal sealed class ReadRecording : IDisposable
{
    private readonly StringWriter _lines = new(CultureInfo.InvariantCulture);

    public BlockDevice Over(BlockDevice device) => new Recorded(device, this);

    public void Save(string path)
    {
        lock (_lines)
            File.WriteAllText(path, _lines.ToString());
    }

    public void Dispose() => _lines.Dispose();

    private void Add(long offset, int length)
    {
        lock (_lines)
            _lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{offset} {length}"));
    }

    private sealed class Recorded(BlockDevice device, ReadRecording recording) : BlockDevice
    {
        public override long Length => device.Length;

        public override bool IsReadOnly => device.IsReadOnly;

        public override bool TryRead(long offset, Span<byte> buffer)
        {
            if (!device.TryRead(offset, buffer))
                return false;
            recording.Add(offset, buffer.Length);
            return true;
        }

        public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
        {
            recording.Add(offset, buffer.Length);
            return device.ReadAsync(offset, buffer, cancellation);
        }

        public override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken cancellation) =>
            device.WriteAsync(offset, data, fua, cancellation);

        public override ValueTask FlushAsync(CancellationToken cancellation) => device.FlushAsync(cancellation);

        public override ValueTask WriteZeroesAsync(long offset, long length, bool mayUnmap, bool fua, CancellationToken cancellation) =>
            device.WriteZeroesAsync(offset, length, mayUnmap, fua, cancellation);

        public override ValueTask DiscardAsync(long offset, long length, CancellationToken cancellation) =>
            device.DiscardAsync(offset, length, cancellation);

        public override int GetExtents(long offset, long length, Span<BlockExtent> extents) => device.GetExtents(offset, length, extents);

        public override ValueTask DisposeAsync() => device.DisposeAsync();
    }
}
