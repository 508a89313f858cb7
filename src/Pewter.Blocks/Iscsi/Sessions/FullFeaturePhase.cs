using Pewter.Blocks.Iscsi.Wire;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// The read loop of a connection after its login: takes everything that has arrived, runs it in the order of its
/// command numbers, and sends the answers gathered meanwhile at once.
/// </summary>
internal sealed class FullFeaturePhase
{
    private readonly IscsiConnection _connection;
    private readonly IscsiSession _session;
    private readonly Replies _replies;
    private readonly CommandRunner _commands;
    private readonly TaskManager _tasks;
    private readonly TextExchange _text;
    private bool _loggedOut;

    public FullFeaturePhase(IscsiConnection connection, IscsiSession session, CancellationToken closing)
    {
        (_connection, _session) = (connection, session);
        _replies = new Replies(connection.Writer, session);
        _commands = new CommandRunner(connection, session, _replies, closing);
        _tasks = new TaskManager(connection, session, _replies, closing);
        _text = new TextExchange(connection, session, _replies);
    }

    public Replies Replies => _replies;

    public async Task RunAsync(CancellationToken closing)
    {
        while (true)
        {
            _commands.BeginBatch();
            bool more = HandleArrived();
            _commands.EndBatch();
            await _connection.Writer.WaitForRoomAsync(closing);
            if (_loggedOut)
            {
                await _connection.Writer.DrainAsync(closing);
                return;
            }
            if (more)
                continue;
            if (!_connection.Reader.Accept(await _connection.Reader.ReceiveAsync(closing)))
                return;
            _connection.Hear();
        }
    }

    /// <summary>
    /// Runs a request whose turn it is; also for other connections of the session, whose requests waited for this
    /// one's.
    /// </summary>
    public void Run(in Pdu pdu)
    {
        switch (pdu.Header.Opcode)
        {
            case IscsiOpcode.ScsiCommand:
                _commands.Start(pdu);
                break;
            case IscsiOpcode.NopOut:
                if (pdu.Header.TaskTag != BasicHeader.NoTag)
                    _replies.Pong(pdu);
                break;
            case IscsiOpcode.TaskManagementRequest:
                _tasks.Start(pdu);
                break;
            case IscsiOpcode.TextRequest:
                _text.Take(pdu);
                break;
            case IscsiOpcode.LogoutRequest:
                Logout(pdu);
                break;
            default:
                _replies.Reject(RejectReason.CommandNotSupported, pdu.Header);
                break;
        }
    }

    /// <summary>True when it stopped early to let answers go.</summary>
    private bool HandleArrived()
    {
        while (!_loggedOut && _connection.Reader.TryRead(out Pdu pdu))
        {
            Handle(pdu);
            if (_connection.Writer.Buffered >= PduWriter.FlushThreshold)
                return true;
        }
        return false;
    }

    private void Handle(in Pdu pdu)
    {
        if (!pdu.IsIntact)
        {
            _replies.Reject(RejectReason.DataDigestError, pdu.Header);
            throw new PduException("a data digest is wrong");
        }
        switch (pdu.Header.Opcode)
        {
            case IscsiOpcode.DataOut:
                _commands.TakeData(pdu);
                break;
            case IscsiOpcode.SnackRequest:
                _replies.Reject(RejectReason.SnackRejected, pdu.Header);
                break;
            case IscsiOpcode.LoginRequest:
                throw new PduException("a login request came in full feature phase");
            default:
                Order(pdu);
                break;
        }
    }

    private void Order(in Pdu pdu)
    {
        if (pdu.Header.IsImmediate)
        {
            Run(pdu);
            return;
        }
        switch (_session.Offer(pdu.Header.CmdSn))
        {
            case Arrival.Next:
                Run(pdu);
                while (_session.TryTakeHeld(out HeldPdu held))
                    held.Connection.RunHeld(held);
                break;
            case Arrival.Early:
                _session.Hold(new HeldPdu(_connection, pdu), pdu.Header.CmdSn);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Logout (RFC 7143 11.14): of this connection or of the session; there is no connection to recover.
    /// </summary>
    private void Logout(in Pdu pdu)
    {
        int reason = pdu.Header.Flags & 0x7F;
        if (reason > 1)
        {
            _replies.Logout(pdu.Header.TaskTag, response: 2);
            return;
        }
        _replies.Logout(pdu.Header.TaskTag, response: 0);
        _loggedOut = true;
        if (reason == 0)
            _connection.CloseOthers();
    }
}
