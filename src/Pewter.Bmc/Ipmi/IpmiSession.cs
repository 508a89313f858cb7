namespace Pewter.Bmc.Ipmi;

/// <summary>
/// A session with a controller: requests one at a time, each sent again until it is answered, and the packets of a serial console between
/// them. Used by one task at a time. Disposing it says good-bye, without waiting for more than one answer.
/// </summary>
internal sealed class IpmiSession : IAsyncDisposable
{
    private const int Window = 16;

    private readonly RmcpChannel _channel;
    private readonly IpmiKeys _keys;
    private readonly BmcAddress _address;
    private readonly BmcLimits _limits;
    private uint _sent;
    private uint _highest;
    private ushort _seen;
    private byte _request;

    private IpmiSession(RmcpChannel channel, IpmiKeys keys, BmcAddress address, BmcLimits limits) =>
        (_channel, _keys, _address, _limits) = (channel, keys, address, limits);

    /// <summary>Serial data that came while something else was waited for.</summary>
    public Queue<byte[]> Serial { get; } = new();

    /// <summary>Opens a session as an administrator of the controller.</summary>
    public static async ValueTask<IpmiSession> OpenAsync(
        BmcAddress address, BmcCredentials credentials, TimeProvider time, BmcLimits limits, CancellationToken cancellation)
    {
        var channel = await RmcpChannel.OpenAsync(address, time, cancellation);
        try
        {
            var keys = await AgreeAsync(new IpmiHandshake(channel, address, credentials, limits), address, cancellation);
            var session = new IpmiSession(channel, keys, address, limits);
            await session.RequestAsync(IpmiCommand.SetSessionPrivilege, [4], cancellation);
            return session;
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Asks something; returns the answer's data after its completion code.</summary>
    /// <exception cref="BmcException">No answer, or a completion code that is not zero.</exception>
    public async ValueTask<byte[]> RequestAsync(IpmiCommand command, byte[] data, CancellationToken cancellation)
    {
        var answer = await AskAsync(command, data, _limits.Tries, cancellation)
            ?? throw new BmcException(BmcFault.Silent, $"{_address} stopped answering at '{command.Name}'.");
        return answer.Completion == 0 ? answer.Data : throw IpmiCompletion.Failure(_address, command, answer.Completion);
    }

    /// <summary>Sends a packet of the serial console.</summary>
    public ValueTask SendSerialAsync(byte[] data, CancellationToken cancellation) => SendAsync(IpmiPayload.SerialOverLan, data, cancellation);

    /// <summary>The next packet of the serial console; null when none comes in time.</summary>
    public async ValueTask<byte[]?> ReceiveSerialAsync(TimeSpan patience, CancellationToken cancellation)
    {
        while (Serial.Count == 0)
        {
            if (await ReceiveAsync(patience, cancellation) is not { } packet)
                return null;
            Keep(packet);
        }

        return Serial.Dequeue();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(_limits.Answer);
            await AskAsync(IpmiCommand.CloseSession, BitConverter.GetBytes(_keys.ManagedId), tries: 1, patience.Token);
        }
        catch (Exception gone) when (gone is BmcException or OperationCanceledException)
        {
            // It times the session out by itself.
        }

        _channel.Dispose();
    }

    private static async ValueTask<IpmiKeys> AgreeAsync(IpmiHandshake handshake, BmcAddress address, CancellationToken cancellation)
    {
        try
        {
            return await handshake.RunAsync(address.CipherSuite == 3 ? IpmiCipher.Suite3 : IpmiCipher.Suite17, cancellation);
        }
        catch (BmcException lacking) when (lacking.Fault == BmcFault.Unsupported && address.CipherSuite is null)
        {
            return await handshake.RunAsync(IpmiCipher.Suite3, cancellation);
        }
    }

    private async ValueTask<IpmiMessage?> AskAsync(IpmiCommand command, byte[] data, int tries, CancellationToken cancellation)
    {
        // The same number in each try, so that a controller does not do twice what it has done but whose answer was lost.
        var sequence = _request = (byte)((_request + 1) & 0x3f);
        for (var attempt = 0; attempt < tries; attempt++)
        {
            await SendAsync(IpmiPayload.Message, IpmiMessage.Request(command.Function, command.Code, sequence, data), cancellation);
            while (await ReceiveAsync(_limits.Answer, cancellation) is { } packet)
            {
                Keep(packet);
                if (packet.Payload == IpmiPayload.Message && IpmiMessage.Read(packet.Data) is { } answer
                    && answer.Sequence == sequence && answer.Command == command.Code && answer.Function == command.Function)
                    return answer;
            }
        }

        return null;
    }

    private void Keep(RmcpPacket packet)
    {
        if (packet.Payload == IpmiPayload.SerialOverLan)
            Serial.Enqueue(packet.Data);
    }

    private ValueTask SendAsync(IpmiPayload payload, byte[] data, CancellationToken cancellation) =>
        _channel.SendAsync(new RmcpPacket(payload, _keys.ManagedId, ++_sent, data).Encode(_keys), cancellation);

    private async ValueTask<RmcpPacket?> ReceiveAsync(TimeSpan patience, CancellationToken cancellation)
    {
        while (await _channel.ReceiveAsync(_keys, patience, cancellation) is { } packet)
        {
            if (IsNew(packet.Sequence))
                return packet;
        }

        return null;
    }

    /// <summary>Whether a packet is none that came before: a window of sixteen numbers, as 6.12.13 has it.</summary>
    private bool IsNew(uint sequence)
    {
        var ahead = (int)(sequence - _highest);
        if (ahead > 0)
        {
            _seen = ahead >= Window ? (ushort)1 : (ushort)((_seen << ahead) | 1);
            _highest = sequence;
            return true;
        }

        if (ahead <= -Window || (_seen & (1 << -ahead)) != 0)
            return false;
        _seen |= (ushort)(1 << -ahead);
        return true;
    }
}
