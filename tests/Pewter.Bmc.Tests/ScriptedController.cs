using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Pewter.Bmc.Ipmi;

namespace Pewter.Bmc.Tests;

/// <summary>
/// A controller that does what a real one cannot be made to do: it answers through the production codec, and each step of it can be replaced.
/// It keeps one session, and power in a field.
/// </summary>
internal sealed class ScriptedController : IAsyncDisposable
{
    public const string Password = "scripted";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly byte[] _guid = new byte[16];
    private byte[] _consoleId = [];
    private byte[] _theirs = [];
    private byte[] _ours = [];
    private byte[] _who = [];
    private IpmiKeys? _keys;
    private uint _sent;

    public ScriptedController()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = Task.Run(ServeAsync);
    }

    public BmcAddress Address => BmcAddress.TryParse(
        string.Create(CultureInfo.InvariantCulture, $"ipmi://127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}?cipher=17"), out _)!;

    /// <summary>What is done with each answer before it is sent; null: it is not sent.</summary>
    public Func<byte[], byte[]?> Send { get; set; } = answer => answer;

    /// <summary>The status of the open session response; 0 is the good one.</summary>
    public byte Status { get; set; }

    /// <summary>Answers a command: completion code and data.</summary>
    public Func<byte, (byte Completion, byte[] Data)> Answer { get; set; } = command => command == 1 ? ((byte)0, [(byte)1, 0, 0]) : ((byte)0, []);

    public int Requests { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Reply(buffer.AsSpan(0, got.ReceivedBytes)) is { } answer && Send(answer) is { } wire)
                    await _socket.SendToAsync(wire, got.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private byte[]? Reply(ReadOnlySpan<byte> wire)
    {
        Requests++;
        if ((wire[5] & 0xc0) == 0 && RmcpPacket.Decode(wire, null) is { } plain)
            return Handshake(plain);
        // What the console signs carries the controller's id.
        if (_keys is not { } keys || RmcpPacket.Decode(wire, keys with { ConsoleId = keys.ManagedId }) is not { } packet)
            return null;
        var (sequence, command, function) = ((byte)(packet.Data[4] >> 2), packet.Data[5], (byte)(packet.Data[1] >> 2));
        var (completion, data) = Answer(command);
        var answer = new IpmiMessage(function, sequence, command, completion, data);
        return new RmcpPacket(IpmiPayload.Message, keys.ConsoleId, ++_sent, answer.Response()).Encode(keys);
    }

    private byte[]? Handshake(RmcpPacket packet)
    {
        var (cipher, key, tag) = (IpmiCipher.Suite17, Encoding.ASCII.GetBytes(Password), packet.Data[0]);
        byte[] managed = [7, 0, 0, 0];
        switch (packet.Payload)
        {
            case IpmiPayload.OpenSessionRequest:
                _consoleId = packet.Data[4..8];
                _sent = 0;
                return Plain(IpmiPayload.OpenSessionResponse, [tag, Status, 4, 0, .. _consoleId, .. managed, .. new byte[24]]);
            case IpmiPayload.Rakp1:
                (_theirs, _ours) = (packet.Data[8..24], RandomNumberGenerator.GetBytes(16));
                _who = [packet.Data[24], packet.Data[27], .. packet.Data[28..]];
                var proof = cipher.Hmac(key, _consoleId, managed, _theirs, _ours, _guid, _who);
                return Plain(IpmiPayload.Rakp2, [tag, 0, 0, 0, .. _consoleId, .. _ours, .. _guid, .. proof]);
            case IpmiPayload.Rakp3:
                var session = cipher.Hmac(key, _theirs, _ours, _who);
                _keys = IpmiKeys.From(cipher, BinaryPrimitives.ReadUInt32LittleEndian(_consoleId), 7, session);
                return Plain(IpmiPayload.Rakp4, [tag, 0, 0, 0, .. _consoleId, .. cipher.Hmac(session, _theirs, managed, _guid)[..16]]);
            default:
                return null;
        }
    }

    private static byte[] Plain(IpmiPayload payload, byte[] data) => new RmcpPacket(payload, 0, 0, data).Encode(null);
}
