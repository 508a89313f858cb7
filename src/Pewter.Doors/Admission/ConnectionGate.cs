namespace Pewter.Doors.Admission;

/// <summary>Counts connections, all together and by peer, and lets no more in than the limits allow. Safe from any thread.</summary>
internal sealed class ConnectionGate(DoorLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byPeer = new(StringComparer.Ordinal);
    private int _all;

    /// <summary>Connections inside.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>Lets a peer in; false when it, or everybody, has too many. Each admission is followed by one <see cref="Leave"/>.</summary>
    public bool TryEnter(string peer)
    {
        lock (_lock)
        {
            var mine = _byPeer.GetValueOrDefault(peer);
            if (_all >= limits.Connections || mine >= limits.ConnectionsPerPeer)
                return false;
            _byPeer[peer] = mine + 1;
            _all++;
            return true;
        }
    }

    /// <summary>Ends an admission.</summary>
    public void Leave(string peer)
    {
        lock (_lock)
        {
            _all--;
            if (--_byPeer[peer] == 0)
                _byPeer.Remove(peer);
        }
    }
}
