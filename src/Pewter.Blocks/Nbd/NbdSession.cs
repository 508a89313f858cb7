using System.Buffers;
using System.Diagnostics;
using Pewter.Blocks.Exports;
using Pewter.Linux.Machine;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// The transmission phase of one connection: one loop on one thread. A receive takes as many requests as have come; reads from memory and plain
/// writes are done in place and their answers leave in one send, without a task or an allocation; the rest goes to <see cref="NbdWaiting"/>.
/// </summary>
internal sealed class NbdSession : IDisposable
{
    // Requests of one receive: thousands of reads, or the largest write that a guest's page cache sends at once.
    private const int ReceiveBytes = 128 << 10;

    // Answers of one send that are not sent from where they lie.
    private const int ReplyBytes = 320 << 10;

    // Below this a copy into the reply buffer is cheaper than two more system calls.
    private const int SendFileFrom = 32 << 10;

    // Answers leave when there are so many bytes of them, so that the client works on them while the next are made.
    private const int SendFrom = 32 << 10;

    // About what a sleep and a wake-up take.
    private static readonly TimeSpan LookFor = TimeSpan.FromMicroseconds(25);
    private readonly NbdTransport _transport;
    private readonly Export _export;
    private readonly BlockDevice _device;
    private readonly NbdLimits _limits;
    private readonly bool _structured;
    private readonly bool _blockStatus;
    private readonly NbdSender _sender;
    private readonly NbdWaiting _waiting;
    private readonly NbdReplyBuffer _replies;
    private readonly PageMemory _received = new(ReceiveBytes);
    private NbdPatience _patience;
    private int _requests;
    private bool _isLooked;
    private int _start;
    private int _end;
    private long _reads;
    private long _bytesRead;
    private long _writes;
    private long _bytesWritten;

    public NbdSession(NbdTransport transport, NbdNegotiation.Outcome chosen, NbdLimits limits)
    {
        _transport = transport;
        _export = chosen.Lease.Export;
        _device = _export.Device;
        _limits = limits;
        _structured = chosen.Structured;
        _blockStatus = chosen.BlockStatus;
        _sender = new NbdSender(transport);
        _waiting = new NbdWaiting(_export, _sender, limits, _structured);
        _replies = new NbdReplyBuffer(ReplyBytes, _structured);
    }

    /// <summary>Looks for the next request for a moment, if that has paid of late; <see cref="Step"/> takes what it found.</summary>
    public void Look()
    {
        if (_start < _end || _transport.IsTls || !_patience.ShouldLook(_requests))
            return;
        _start = _end = 0;
        int count = _transport.Look(_received.Span, LookFor);
        _patience.Learn(count > 0);
        _end = count;
        _isLooked = count > 0;
    }

    /// <summary>
    /// Waits for requests and serves what came. False when the client has left; an <see cref="IOException"/> when it broke the protocol or was
    /// cut off.
    /// </summary>
    public bool Step()
    {
        if (!_isLooked && !Receive())
            return false;
        _isLooked = false;
        _requests = 0;
        long began = Stopwatch.GetTimestamp();
        bool goesOn = TakeRequests();
        if (!_replies.IsEmpty)
            _sender.Send(_replies);
        Account(began);
        return goesOn;
    }

    /// <summary>Waits for the requests that still wait for the disk; nothing may be called after it.</summary>
    public void Dispose()
    {
        _waiting.Drain();
        _replies.Dispose();
        _received.Dispose();
    }

    private bool Receive()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start > 0)
        {
            // What is left is the head of one request and a part of its data.
            _received.Span[_start.._end].CopyTo(_received.Span);
            _end -= _start;
            _start = 0;
        }

        int count = _transport.Receive(_received.Span[_end..]);
        _end += count;
        return count > 0;
    }

    private bool TakeRequests()
    {
        while (_end - _start >= NbdProtocol.RequestBytes)
        {
            var request = new NbdRequest(_received.Span[_start..]);
            if (request.Magic != NbdProtocol.RequestMagic)
                throw new IOException("The client sent something that is no request.");
            if (request.Command == NbdCommand.Disconnect)
                return false;
            if (request.Command == NbdCommand.Write && !TakeWrite(request))
                return true;
            _requests++;
            if (request.Command == NbdCommand.Write)
                continue;
            _start += NbdProtocol.RequestBytes;
            Handle(request);
        }

        return true;
    }

    private void Handle(in NbdRequest request)
    {
        uint error = NbdErrors.Check(request, _device.Length, _export.IsReadOnly, _blockStatus, _limits.MaxPayload);
        if (error != 0)
            Answer(request, error);
        else if (request.Command == NbdCommand.Read)
            Read(request);
        else
            _waiting.Begin(request, null);
    }

    private void Read(in NbdRequest request)
    {
        var length = (int)request.Length;
        if (TryReadWithoutCopy(request))
            return;
        int bytes = _replies.ReadHeadBytes + length;
        if (!_replies.CouldFit(bytes))
        {
            _waiting.Begin(request, null);
            return;
        }

        MakeRoom(bytes);
        try
        {
            if (!_device.TryRead((long)request.Offset, _replies.ReadData(length)))
            {
                _waiting.Begin(request, null);
                return;
            }
        }
        catch (BlockException e)
        {
            Answer(request, NbdErrors.Of(e));
            return;
        }

        _replies.CommitRead(request);
        if (_replies.Length >= SendFrom)
            _sender.Send(_replies);
        _reads++;
        _bytesRead += length;
    }

    private bool TryReadWithoutCopy(in NbdRequest request)
    {
        var length = (int)request.Length;
        if (_structured && length >= SendFileFrom && IsHole(request))
        {
            MakeRoom(64);
            _replies.AddHole(request);
        }
        else if (!_transport.IsTls && _device.TryGetImmutableRange((long)request.Offset, length, out ImmutableRange range))
        {
            MakeRoom(64);
            bool isMapped = range.Memory is { } memory && _replies.TryAddMapped(request, memory);
            if (!isMapped && length < SendFileFrom)
                return false;
            if (!isMapped)
            {
                _replies.AddReadHead(request);
                _sender.Send(_replies, new NbdFileRange(range.File, (long)request.Offset, length));
            }
        }
        else
        {
            return false;
        }

        if (_replies.Length >= SendFrom)
            _sender.Send(_replies);
        _reads++;
        _bytesRead += length;
        return true;
    }

    private bool IsHole(in NbdRequest request)
    {
        try
        {
            Span<BlockExtent> first = stackalloc BlockExtent[1];
            return _device.GetExtents((long)request.Offset, request.Length, first) == 1 && first[0].IsZero && first[0].Length == request.Length;
        }
        catch (BlockException)
        {
            // The read itself will say it.
            return false;
        }
    }

    /// <summary>Takes a write whose head is at the start of what was received. False when more has to be received first.</summary>
    private bool TakeWrite(in NbdRequest request)
    {
        if (request.Length > _limits.MaxPayload)
            throw new IOException($"The client sent a write of {request.Length} bytes.");
        var length = (int)request.Length;
        int present = _end - _start - NbdProtocol.RequestBytes;
        if (present < length && NbdProtocol.RequestBytes + length <= ReceiveBytes)
            return false;
        _start += NbdProtocol.RequestBytes;
        if (present >= length)
            Write(request, _received.Span.Slice(_start, length), null);
        else
            WriteLarge(request, present);
        _start += Math.Min(present, length);
        return true;
    }

    private void WriteLarge(in NbdRequest request, int present)
    {
        var length = (int)request.Length;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        _received.Span.Slice(_start, present).CopyTo(rented);
        _transport.ReceiveAll(rented.AsSpan(present, length - present));
        if (Write(request, rented.AsSpan(0, length), rented))
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>False when <paramref name="rented"/>, which holds the data, is still needed and not the caller's any more.</summary>
    private bool Write(in NbdRequest request, ReadOnlySpan<byte> data, byte[]? rented)
    {
        uint error = NbdErrors.Check(request, _device.Length, _export.IsReadOnly, _blockStatus, _limits.MaxPayload);
        try
        {
            if (error == 0 && !_device.TryWrite((long)request.Offset, data, request.Has(NbdCommandFlags.Fua)))
            {
                byte[] kept = rented ?? ArrayPool<byte>.Shared.Rent(data.Length);
                if (rented is null)
                    data.CopyTo(kept);
                _waiting.Begin(request, kept);
                return false;
            }
        }
        catch (BlockException e)
        {
            error = NbdErrors.Of(e);
        }

        Answer(request, error);
        _writes++;
        _bytesWritten += data.Length;
        return true;
    }

    private void Answer(in NbdRequest request, uint error)
    {
        MakeRoom(64);
        _replies.AddStatus(request, error);
    }

    private void MakeRoom(int bytes)
    {
        if (!_replies.Fits(bytes))
            _sender.Send(_replies);
    }

    private void Account(long began)
    {
        if (_reads + _writes == 0)
            return;
        _export.Traffic.AddLatency(Stopwatch.GetElapsedTime(began), _reads + _writes);
        if (_reads > 0)
            _export.Traffic.AddReads(_reads, _bytesRead);
        if (_writes > 0)
            _export.Traffic.AddWrites(_writes, _bytesWritten);
        _reads = _bytesRead = _writes = _bytesWritten = 0;
    }
}
