namespace Pewter.Images.Library;

/// <summary>An image that is there. Its record is a snapshot that may be read at any time; it is replaced under the image's own work.</summary>
internal sealed class Image(ImageRecord record)
{
    private volatile ImageRecord _record = record;

    public ImageRecord Record
    {
        get => _record;
        set => _record = value;
    }

    public long Number => _record.Number;

    /// <summary>How far its import is; null when there is none.</summary>
    public TransferProgress? Progress { get; set; }

    /// <summary>One change of it at a time.</summary>
    public SemaphoreSlim Work { get; } = new(1, 1);
}
