using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using Pewter.Blocks.Exports;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// The requests of one connection that wait for the disk: everything that is no read from memory and no plain write. Begun by the connection's
/// thread, which is held up when too many wait; each ends by posting its answer.
/// </summary>
internal sealed class NbdWaiting(Export export, NbdSender sender, NbdLimits limits, bool structured)
{
    private readonly object _lock = new();
    private int _count;
    private long _bytes;

    /// <summary>Begins a request. <paramref name="rented"/> holds the data of a write and is returned when it was written.</summary>
    public void Begin(NbdRequest request, byte[]? rented)
    {
        long bytes = request.Command is NbdCommand.Read or NbdCommand.Write ? request.Length : 0;
        lock (_lock)
        {
            while (_count >= limits.MaxWaiting || (_count > 0 && _bytes + bytes > limits.MaxWaitingBytes))
                Monitor.Wait(_lock);
            _count++;
            _bytes += bytes;
        }

        // The task ends by posting and never fails: its end is counted by End.
        _ = RunAsync(request, rented, bytes);
    }

    /// <summary>Waits until every request has ended.</summary>
    public void Drain()
    {
        lock (_lock)
        {
            while (_count > 0)
                Monitor.Wait(_lock);
        }
    }

    private async Task RunAsync(NbdRequest request, byte[]? rented, long bytes)
    {
        long began = Stopwatch.GetTimestamp();
        byte[] reply = ArrayPool<byte>.Shared.Rent(ReplyBytes(request));
        int count;
        try
        {
            count = await DoAsync(request, rented, reply);
        }
        catch (BlockException e)
        {
            count = NbdReplyBuffer.WriteStatus(reply, request, NbdErrors.Of(e), structured);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }

        sender.Post(new NbdLateReply(reply, count, () => End(bytes)));
        export.Traffic.AddLatency(Stopwatch.GetElapsedTime(began), 1);
    }

    private async ValueTask<int> DoAsync(NbdRequest request, byte[]? rented, byte[] reply)
    {
        var offset = (long)request.Offset;
        bool fua = request.Has(NbdCommandFlags.Fua);
        switch (request.Command)
        {
            case NbdCommand.Read:
                return await ReadAsync(request, reply);
            case NbdCommand.BlockStatus:
                return Describe(request, reply);
            case NbdCommand.Write:
                await export.Device.WriteAsync(offset, rented.AsMemory(0, (int)request.Length), fua, CancellationToken.None);
                export.Traffic.AddWrites(1, request.Length);
                break;
            case NbdCommand.Flush:
                await export.Device.FlushAsync(CancellationToken.None);
                break;
            case NbdCommand.Trim:
                await export.Device.DiscardAsync(offset, request.Length, CancellationToken.None);
                if (fua)
                    await export.Device.FlushAsync(CancellationToken.None);
                break;
            case NbdCommand.Cache:
                await export.Device.PrefetchAsync(offset, request.Length, CancellationToken.None);
                break;
            case NbdCommand.WriteZeroes:
                await WriteZeroesAsync(request, fua);
                break;
        }

        if (request.Command != NbdCommand.Write)
            export.Traffic.AddOther();
        return NbdReplyBuffer.WriteStatus(reply, request, 0, structured);
    }

    private async ValueTask<int> ReadAsync(NbdRequest request, byte[] reply)
    {
        int head = structured ? NbdProtocol.ChunkBytes + 8 : NbdProtocol.SimpleReplyBytes;
        await export.Device.ReadAsync((long)request.Offset, reply.AsMemory(head, (int)request.Length), CancellationToken.None);
        NbdReplyBuffer.WriteReadHead(reply, request, structured);
        export.Traffic.AddReads(1, request.Length);
        return head + (int)request.Length;
    }

    private async ValueTask WriteZeroesAsync(NbdRequest request, bool fua)
    {
        bool mayUnmap = !request.Has(NbdCommandFlags.NoHole);
        if (!mayUnmap && request.Has(NbdCommandFlags.FastZero))
            throw new BlockException(BlockErrno.ENOTSUP, "Zeroes that keep their space are not faster than writing them.");
        await export.Device.WriteZeroesAsync((long)request.Offset, request.Length, mayUnmap, fua, CancellationToken.None);
    }

    private int Describe(NbdRequest request, byte[] reply)
    {
        var extents = new BlockExtent[request.Has(NbdCommandFlags.OneExtent) ? 1 : limits.MaxExtents];
        int count = export.Device.GetExtents((long)request.Offset, request.Length, extents);
        NbdReplyBuffer.WriteChunk(reply, NbdChunk.BlockStatus, request.Cookie, 4 + (8 * (uint)count));
        Span<byte> data = reply.AsSpan(NbdProtocol.ChunkBytes);
        BinaryPrimitives.WriteUInt32BigEndian(data, NbdProtocol.AllocationContextId);
        for (int i = 0; i < count; i++)
        {
            uint state = (extents[i].IsHole ? NbdProtocol.StateHole : 0) | (extents[i].IsZero ? NbdProtocol.StateZero : 0);
            BinaryPrimitives.WriteUInt32BigEndian(data[(4 + (8 * i))..], (uint)extents[i].Length);
            BinaryPrimitives.WriteUInt32BigEndian(data[(8 + (8 * i))..], state);
        }

        return NbdProtocol.ChunkBytes + 4 + (8 * count);
    }

    private int ReplyBytes(in NbdRequest request) => request.Command switch
    {
        NbdCommand.Read => NbdProtocol.ChunkBytes + 8 + (int)request.Length,
        NbdCommand.BlockStatus => NbdProtocol.ChunkBytes + 4 + (8 * limits.MaxExtents),
        _ => 64,
    };

    private void End(long bytes)
    {
        lock (_lock)
        {
            _count--;
            _bytes -= bytes;
            Monitor.PulseAll(_lock);
        }
    }
}
