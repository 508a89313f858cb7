namespace Pewter.Blocks.Exports;

/// <summary>One session's hold on an export; disposed by the session when its last request has ended.</summary>
public sealed class ExportLease : IDisposable
{
    private readonly Action _close;
    private int _isEnded;

    internal ExportLease(Export export, string client, string host, Action close)
    {
        Export = export;
        Client = client;
        Host = host;
        _close = close;
    }

    /// <summary>The export.</summary>
    public Export Export { get; }

    /// <summary>Who holds it, for people.</summary>
    public string Client { get; }

    /// <summary>The machine that holds it.</summary>
    public string Host { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
            Export.End(this);
    }

    internal void Close() => _close();
}
