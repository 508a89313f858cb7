using System.Buffers;
using System.IO.Pipelines;

namespace Pewter.Bmc.Ipmi;

/// <summary>
/// A serial console over LAN (IPMI 2.0, section 15). One pump owns the session: it takes packets in, acknowledges them, and sends what was
/// written, one packet at a time, until it is acknowledged. Reads and writes may run at once.
/// </summary>
/// <remarks>Shutdown: the pump is cancelled, then the payload is deactivated, then the session closed.</remarks>
internal sealed class IpmiConsole : Stream
{
    private const byte Serial = 1;
    private const byte Instance = 1;
    private const int HeaderBytes = 4;
    private const byte Refused = 0x40;

    private readonly IpmiSession _session;
    private readonly BmcAddress _address;
    private readonly BmcLimits _limits;
    private readonly TimeProvider _time;
    private readonly int _packetBytes;
    private readonly Pipe _output;
    private readonly Stream _read;
    private readonly Pipe _input = new(new PipeOptions(pauseWriterThreshold: 1 << 14, resumeWriterThreshold: 1 << 13));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _pumping;
    private byte _sequence;
    private byte _received;
    private long _heard;

    private IpmiConsole(IpmiSession session, BmcAddress address, TimeProvider time, BmcLimits limits, int packetBytes)
    {
        (_session, _address, _time, _limits, _packetBytes) = (session, address, time, limits, packetBytes);
        _output = new Pipe(new PipeOptions(pauseWriterThreshold: limits.ConsoleBytes, resumeWriterThreshold: limits.ConsoleBytes / 2));
        _read = _output.Reader.AsStream();
        _heard = time.GetTimestamp();
        _pumping = Task.Run(PumpAsync);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Activates the console of a session, which it owns from then on.</summary>
    public static async ValueTask<IpmiConsole> OpenAsync(
        IpmiSession session, BmcAddress address, TimeProvider time, BmcLimits limits, CancellationToken cancellation)
    {
        const byte EncryptedAndSigned = 0xc0;
        var answer = await session.RequestAsync(IpmiCommand.ActivatePayload, [Serial, Instance, EncryptedAndSigned, 0, 0, 0], cancellation);
        if (answer.Length < 8)
            throw new BmcException(BmcFault.Broken, $"{address} sent an answer to 'activate payload' that is too short.");
        var inbound = answer[4] | (answer[5] << 8);
        return new(session, address, time, limits, Math.Clamp(inbound - HeaderBytes, 1, 255));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await _read.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await _input.Writer.WriteAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _pumping;
        try
        {
            using var patience = new CancellationTokenSource(_limits.Answer, _time);
            await _session.RequestAsync(IpmiCommand.DeactivatePayload, [Serial, Instance, 0, 0, 0, 0], patience.Token);
        }
        catch (Exception gone) when (gone is BmcException or OperationCanceledException)
        {
            // The session's end deactivates it too.
        }

        await _session.DisposeAsync();
        _stop.Dispose();
        await base.DisposeAsync();
    }

    private async Task PumpAsync()
    {
        Exception? failure = null;
        try
        {
            while (!_stop.IsCancellationRequested)
                await StepAsync();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (BmcException broken)
        {
            failure = broken;
        }

        await _output.Writer.CompleteAsync(failure);
        await _input.Reader.CompleteAsync(failure);
    }

    private async Task StepAsync()
    {
        // Typing waits this long at most; a packet that comes is taken at once.
        var patience = TimeSpan.FromMilliseconds(20);
        if (await _session.ReceiveSerialAsync(patience, _stop.Token) is { } packet)
            await TakeAsync(packet);
        if (_input.Reader.TryRead(out var typed))
        {
            var piece = typed.Buffer.Slice(0, Math.Min(typed.Buffer.Length, _packetBytes));
            await SendAsync(BuffersExtensions.ToArray(piece));
            _input.Reader.AdvanceTo(piece.End);
        }

        if (_time.GetElapsedTime(_heard) > _limits.ConsoleProbe)
        {
            await _session.RequestAsync(IpmiCommand.DeviceId, [], _stop.Token);
            _heard = _time.GetTimestamp();
        }
    }

    /// <summary>Takes a packet in: its bytes if they are new, and an acknowledgement in any case.</summary>
    private async ValueTask TakeAsync(byte[] packet)
    {
        _heard = _time.GetTimestamp();
        if (packet.Length < HeaderBytes)
            return;
        var (sequence, bytes) = (packet[0], packet.Length - HeaderBytes);
        if (sequence == 0 || bytes == 0)
            return;
        if (sequence != _received)
        {
            _received = sequence;
            await _output.Writer.WriteAsync(packet.AsMemory(HeaderBytes), _stop.Token);
        }

        await _session.SendSerialAsync([0, sequence, (byte)bytes, 0], _stop.Token);
    }

    /// <summary>Sends bytes until the controller has taken all of them.</summary>
    private async ValueTask SendAsync(byte[] bytes)
    {
        while (bytes.Length > 0)
        {
            _sequence = (byte)(_sequence == 15 ? 1 : _sequence + 1);
            var taken = await AcknowledgedAsync([_sequence, 0, 0, 0, .. bytes]);
            bytes = bytes[Math.Min(taken, bytes.Length)..];
            if (taken == 0)
                await Task.Delay(_limits.Answer, _time, _stop.Token);
        }
    }

    private async ValueTask<int> AcknowledgedAsync(byte[] packet)
    {
        for (var attempt = 0; attempt < _limits.Tries; attempt++)
        {
            await _session.SendSerialAsync(packet, _stop.Token);
            while (await _session.ReceiveSerialAsync(_limits.Answer, _stop.Token) is { } answer)
            {
                await TakeAsync(answer);
                if (answer.Length >= HeaderBytes && answer[1] == packet[0])
                    return (answer[3] & Refused) != 0 ? 0 : answer[2];
            }
        }

        throw new BmcException(BmcFault.Silent, $"The console of {_address} does not answer any more.");
    }
}
