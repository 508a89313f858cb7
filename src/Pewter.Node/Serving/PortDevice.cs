namespace Pewter.Node.Serving;

/// <summary>
/// A character device whose reads and writes block, such as a virtio-serial port, as a stream: each direction has a thread of its own. On
/// the threads that everything else runs on they would keep a small machine from doing anything else. One read and one write at a time.
/// </summary>
internal sealed class PortDevice : Stream
{
    private readonly FileStream _device;
    private readonly BlockingThread _reader = new("port reader");
    private readonly BlockingThread _writer = new("port writer");

    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">It is not there, or somebody else has it.</exception>
    public PortDevice(string path) => _device = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what is there, or waits for some; 0: the host's end is closed for now.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(_reader.RunAsync(() => _device.Read(buffer.Span)));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(_writer.RunAsync(() =>
        {
            _device.Write(buffer.Span);
            return 0;
        }));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _reader.End();
            _writer.End();
            _device.Dispose();
        }

        base.Dispose(disposing);
    }
}
