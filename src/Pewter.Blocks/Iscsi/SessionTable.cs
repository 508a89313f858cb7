using Pewter.Blocks.Iscsi.Login;
using Pewter.Blocks.Iscsi.Sessions;

namespace Pewter.Blocks.Iscsi;

/// <summary>
/// The sessions of a server, by what makes one the same again: initiator port and target (RFC 7143 6.3.5). Any thread.
/// </summary>
internal sealed class SessionTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ushort, IscsiSession> _sessions = [];
    private ushort _lastHandle;

    public IReadOnlyList<IscsiSession> All
    {
        get
        {
            lock (_lock)
                return [.. _sessions.Values];
        }
    }

    /// <summary>
    /// Adds a session unless one with the same initiator port and target is there, which is then given to be closed
    /// first.
    /// </summary>
    public IscsiSession? TryAdd(LoginNegotiation login, in LoginRequest request, IscsiLimits limits, out IscsiSession? rival)
    {
        ulong isid = request.Isid;
        lock (_lock)
        {
            rival = _sessions.Values.FirstOrDefault(s => IsSame(s, login, isid));
            if (rival is not null || _sessions.Count >= limits.Connections)
                return null;
            do
                _lastHandle++;
            while (_lastHandle == 0 || _sessions.ContainsKey(_lastHandle));
            var session = new IscsiSession(login, request, _lastHandle, limits);
            _sessions.Add(_lastHandle, session);
            return session;
        }
    }

    /// <summary>The session that a further connection wants to join.</summary>
    public IscsiSession? Find(LoginNegotiation login, in LoginRequest request)
    {
        lock (_lock)
            return _sessions.TryGetValue(request.Tsih, out IscsiSession? session) && IsSame(session, login, request.Isid) ? session : null;
    }

    public void Remove(IscsiSession session)
    {
        lock (_lock)
            _sessions.Remove(session.Tsih);
    }

    private static bool IsSame(IscsiSession session, LoginNegotiation login, ulong isid) =>
        session.Initiator.Name == login.Initiator && session.Initiator.Isid == isid && session.Target == login.Target;
}
