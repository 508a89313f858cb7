using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Pewter.Linux;
using Pewter.Linux.Sockets;

namespace Pewter.Mail;

/// <summary>
/// Frames on their way out of a connection: any thread appends, one task writes all that has gathered in one go.
/// Bounded: what does not fit is the caller's to keep
/// or to refuse.
/// </summary>
internal sealed class FrameOutbox(Stream stream, Socket? socket, int bytesMax, Action failed)
{
    private readonly Lock _lock = new();
    private readonly List<Parcel> _parcels = [];
    private ArrayBufferWriter<byte> _filling = new(4096);
    private ArrayBufferWriter<byte> _writing = new(4096);
    private Task _flushing = Task.CompletedTask;
    private bool _isFlushing;
    private bool _wasFull;
    private bool _isClosed;

    /// <summary>Called when there is room again after an append was refused.</summary>
    internal Action? Drained { get; set; }

    internal bool TryAppend(in FrameHeader header, ReadOnlySpan<byte> body, params ReadOnlySpan<int> descriptors)
    {
        lock (_lock)
        {
            // Mail leaves room for what hubs have to tell each other: who and what is there.
            var most = HubFrame.IsMail(header.Kind) ? bytesMax : 2L * bytesMax;
            if (_isClosed || (_filling.WrittenCount > 0 && _filling.WrittenCount + FrameHeader.Size + body.Length > most))
            {
                _wasFull = true;
                return false;
            }

            if (descriptors.Length > 0)
            {
                _parcels.Add(new Parcel(_filling.WrittenCount, FrameHeader.Size + body.Length, descriptors.ToArray()));
            }

            var room = _filling.GetSpan(FrameHeader.Size + body.Length);
            var own = header with { BodyLength = body.Length };
            MemoryMarshal.Write(room, in own);
            body.CopyTo(room[FrameHeader.Size..]);
            _filling.Advance(FrameHeader.Size + body.Length);
            if (!_isFlushing)
            {
                _isFlushing = true;
                _flushing = Task.Run(FlushAsync);
            }

            return true;
        }
    }

    /// <summary>Refuses everything from now on, and waits for what is being written.</summary>
    internal Task CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            return _flushing;
        }
    }

    private async Task FlushAsync()
    {
        while (true)
        {
            List<Parcel> parcels;
            bool drained;
            lock (_lock)
            {
                if (_filling.WrittenCount == 0)
                {
                    _isFlushing = false;
                    return;
                }

                (_filling, _writing) = (_writing, _filling);
                _filling.ResetWrittenCount();
                parcels = [.. _parcels];
                _parcels.Clear();
                (drained, _wasFull) = (_wasFull, false);
            }

            if (!await TryWriteAsync(parcels))
            {
                return;
            }

            if (drained)
            {
                Drained?.Invoke();
            }
        }
    }

    private async Task<bool> TryWriteAsync(List<Parcel> parcels)
    {
        try
        {
            var at = 0;
            foreach (var parcel in parcels)
            {
                await stream.WriteAsync(_writing.WrittenMemory[at..parcel.Start]);
                at = parcel.Start + parcel.Length;
                Hand(parcel);
            }

            await stream.WriteAsync(_writing.WrittenMemory[at..]);
            await stream.FlushAsync();
            return true;
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException or LinuxException)
        {
            lock (_lock)
            {
                _isClosed = true;
            }

            parcels.ForEach(parcel => Array.ForEach(parcel.Descriptors, Descriptors.Close));
            failed();
            return false;
        }
    }

    // The socket is non-blocking and its buffer all but empty here; should it be full, this thread waits for the peer
    // to read.
    private void Hand(Parcel parcel)
    {
        var bytes = _writing.WrittenSpan.Slice(parcel.Start, parcel.Length);
        ReadOnlySpan<int> descriptors = parcel.Descriptors;
        while (bytes.Length > 0)
        {
            var sent = DescriptorPassing.Send((int)socket!.Handle, bytes, descriptors);
            if (sent < 0 && sent != -LinuxErrno.EAGAIN)
            {
                throw new LinuxException(-sent, "hand a segment over");
            }

            if (sent < 0)
            {
                socket.Poll(-1, SelectMode.SelectWrite);
                continue;
            }

            bytes = bytes[sent..];
            descriptors = default;
        }

        Array.ForEach(parcel.Descriptors, Descriptors.Close);
        parcel.Descriptors.AsSpan().Fill(-1);
    }

    /// <summary>A frame with descriptors, which are the outbox's.</summary>
    private sealed record Parcel(int Start, int Length, int[] Descriptors);
}
