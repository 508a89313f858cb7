using System.Security.Cryptography;
using Pewter.Blocks.Iscsi.Login;
using Pewter.Blocks.Iscsi.Wire;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>Carries a <see cref="LoginNegotiation"/> over a connection, up to the session or to a refusal.</summary>
internal sealed class LoginPhase(IscsiConnection connection)
{
    private readonly LoginNegotiation _negotiation =
        new(connection.Server.Directory, connection.Limits, static bytes => RandomNumberGenerator.Fill(bytes));

    private byte[] _text = [];
    private IscsiSession? _session;

    /// <summary>
    /// The session once logged in; null after a refusal, which has been sent, or when the peer went away.
    /// </summary>
    public async Task<IscsiSession?> RunAsync(CancellationToken closing)
    {
        for (int requests = 0; requests < connection.Limits.LoginRequests; requests++)
        {
            Received received;
            while (!TryTake(out received))
            {
                if (!connection.Reader.Accept(await connection.Reader.ReceiveAsync(closing)))
                    return null;
            }
            LoginReply reply = Answer(received);
            if (reply.EndsLogin)
                reply = await JoinAsync(received.Request, reply);
            Send(received.Request, reply);
            await connection.Writer.FlushAsync(closing);
            if (reply.Status != LoginStatus.Success)
            {
                connection.Server.Report(IscsiEventKind.LoginRefused, _negotiation.Initiator, _negotiation.Target?.Name, $"{reply.Status}");
                return null;
            }
            if (reply.EndsLogin)
                return _session;
        }
        throw new PduException("a login took too many requests");
    }

    private bool TryTake(out Received received)
    {
        received = default;
        if (!connection.Reader.TryRead(out Pdu pdu))
            return false;
        if (pdu.Header.Opcode != IscsiOpcode.LoginRequest)
            throw new PduException($"{pdu.Header.Opcode} came before the login");
        if (_text.Length + pdu.Data.Length > connection.Limits.NegotiationText)
            throw new PduException("a login text is too long");
        _text = [.. _text, .. pdu.Data.Span];
        received = new(LoginRequest.From(pdu.Header), pdu.Header.ExpStatSn);
        return true;
    }

    private LoginReply Answer(Received received)
    {
        LoginRequest request = received.Request;
        if (request.Continues)
            return new(LoginStatus.Success, false, request.Current, LoginStage.Security, []);
        List<KeyValuePair<string, string>> keys = KeyValueText.Parse(_text);
        _text = [];
        return _negotiation.Step(request, keys);
    }

    private async Task<LoginReply> JoinAsync(LoginRequest request, LoginReply reply)
    {
        connection.Id = request.ConnectionId;
        (LoginStatus status, _session) = await connection.Server.JoinAsync(connection, _negotiation, request);
        return status == LoginStatus.Success ? reply : LoginReply.Refuse(status, request.Current);
    }

    private void Send(in LoginRequest request, LoginReply reply)
    {
        byte[] text = KeyValueText.Format(reply.Keys);
        (uint expected, uint max) = _session?.CommandNumbers ?? (request.CmdSn, request.CmdSn);
        lock (connection.Writer.Gate)
        {
            PduSlot pdu = connection.Writer.Reserve(text.Length);
            int flags = (reply.Transit ? 0x80 | (int)reply.Next : 0) | ((int)reply.Current << 2);
            pdu.Start(IscsiOpcode.LoginResponse, (byte)flags, request.TaskTag);
            pdu.Write(8, request.Isid << 16 | (_session?.Tsih ?? request.Tsih));
            pdu.Write(24, connection.Writer.StatSn++);
            pdu.Write(28, expected);
            pdu.Write(32, max);
            WriteUInt16BigEndian(pdu.Bytes[36..], (ushort)reply.Status);
            text.CopyTo(pdu.Data);
            connection.Writer.Commit(pdu);
        }
    }

    private readonly record struct Received(LoginRequest Request, uint ExpStatSn);
}
