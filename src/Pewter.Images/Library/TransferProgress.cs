namespace Pewter.Images.Library;

/// <summary>How far something long is. Written by one task, read by anyone.</summary>
internal sealed class TransferProgress(string phase, long? total)
{
    private long _done;

    /// <summary>What is being done: <c>fetch</c>, <c>convert</c>, <c>import</c>.</summary>
    public string Phase => phase;

    /// <summary>Bytes in all, when that is known.</summary>
    public long? Total => total;

    /// <summary>Bytes done.</summary>
    public long Done
    {
        get => Volatile.Read(ref _done);
        set => Volatile.Write(ref _done, value);
    }
}
