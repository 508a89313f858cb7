using System.Diagnostics;
using Pewter.Blocks.Exports;

namespace Pewter.Blocks.Iscsi.Transfers;

/// <summary>
/// Counts a connection's reads and writes that end inline, and adds them to the disk's traffic once for everything that
/// arrived together. Belongs to one read loop.
/// </summary>
internal sealed class TrafficTally
{
    private ExportTraffic? _traffic;
    private long _begun;
    private int _reads;
    private long _bytesRead;
    private int _writes;
    private long _bytesWritten;

    /// <summary>What is counted from now on has arrived now.</summary>
    public void Begin() => _begun = Stopwatch.GetTimestamp();

    public void Count(ExportTraffic traffic, bool isWrite, long bytes)
    {
        if (_traffic != traffic)
            Flush();
        _traffic = traffic;
        if (isWrite)
            (_writes, _bytesWritten) = (_writes + 1, _bytesWritten + bytes);
        else
            (_reads, _bytesRead) = (_reads + 1, _bytesRead + bytes);
    }

    public void Flush()
    {
        if (_traffic is null)
            return;
        if (_reads > 0)
            _traffic.AddReads(_reads, _bytesRead);
        if (_writes > 0)
            _traffic.AddWrites(_writes, _bytesWritten);
        _traffic.AddLatency(Stopwatch.GetElapsedTime(_begun), _reads + _writes);
        (_traffic, _reads, _bytesRead, _writes, _bytesWritten) = (null, 0, 0, 0, 0);
    }
}
