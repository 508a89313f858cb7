using Pewter.NineP;
using Pewter.Networks.Addresses;
using Pewter.Networks.Ports;

namespace Pewter.Networks;

/// <summary>
/// What is known of networks, ports and pending actions in memory, and the decisions that must be exact: addresses, one action a card, what blocks a
/// removal. Safe to use from any thread; one lock, never held while waiting.
/// </summary>
internal sealed class NetworkBook(NetworkCounters counters)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Network> _networks = [];
    private readonly Dictionary<string, PortRecord> _ports = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PortAction> _pending = new(StringComparer.Ordinal);
    private long _lastPort = counters.LastPort;

    public long LastPort => Volatile.Read(ref _lastPort);

    public IReadOnlyList<Network> Networks
    {
        get
        {
            lock (_lock)
            {
                return [.. _networks.Values.OrderBy(network => network.Number)];
            }
        }
    }

    public IReadOnlyList<PortRecord> Ports
    {
        get
        {
            lock (_lock)
            {
                return [.. _ports.Values.OrderBy(port => port.Number)];
            }
        }
    }

    /// <summary>Decides about a new network with all others in view, and adds it.</summary>
    public Network Add(Func<IReadOnlyCollection<NetworkRecord>, NetworkRecord> decide)
    {
        lock (_lock)
        {
            var network = new Network(decide([.. _networks.Values.Select(other => other.Record)]));
            _networks.Add(network.Number, network);
            return network;
        }
    }

    public void Forget(Network network)
    {
        lock (_lock)
        {
            _networks.Remove(network.Number);
        }
    }

    public Network? Find(long number)
    {
        lock (_lock)
        {
            return _networks.GetValueOrDefault(number);
        }
    }

    public PortRecord? Port(string key)
    {
        lock (_lock)
        {
            return _ports.GetValueOrDefault(key);
        }
    }

    /// <summary>The ports in a network, as applied.</summary>
    public IReadOnlyList<PortRecord> PortsIn(long network)
    {
        lock (_lock)
        {
            return [.. _ports.Values.Where(port => port.In(network) is not null).OrderBy(port => port.Number)];
        }
    }

    public int PendingIn(long network)
    {
        lock (_lock)
        {
            return _pending.Values.Count(action => action.Record.Network == network);
        }
    }

    /// <summary>Puts back a port of an earlier life.</summary>
    public void Restore(PortRecord port)
    {
        lock (_lock)
        {
            _ports[port.Key] = port;
            _lastPort = Math.Max(_lastPort, port.Number);
        }
    }

    /// <summary>Puts back an action of an earlier life that had not ended.</summary>
    public void Restore(PortAction action)
    {
        lock (_lock)
        {
            _pending[action.Record.Port.Key] = action;
        }
    }

    /// <summary>Says that a network is being removed, unless something is still in it.</summary>
    /// <exception cref="FileException">EBUSY, with the names of what is in it.</exception>
    public void Close(Network network)
    {
        lock (_lock)
        {
            var inside = _ports.Values.Where(port => port.In(network.Number) is not null).Select(port => port.Key)
                .Concat(_pending.Values.Where(action => action.Record.Network == network.Number)
                    .Select(action => $"{action.Record.Port.Key} (action {action.Record.Id})"))
                .Distinct().Order(StringComparer.Ordinal).ToList();
            if (inside.Count > 0)
            {
                throw new FileException(
                    Errno.EBUSY,
                    $"{network.Record.Label} is in use by "
                        + $"{string.Join(", ", inside.Take(10))}{(inside.Count > 10 ? $" and {inside.Count - 10} more" : "")}: "
                    + "disconnect them, or release the nodes.");
            }

            network.Record = network.Record with { State = NetworkStates.Removing };
        }
    }

    /// <summary>Decides about a connection and reserves what it needs: the address, and the card until the action has ended.</summary>
    public PortAction Reserve(Network network, ConnectRequest request, ushort machine, Func<PortRecord, ActionRecord> describe)
    {
        lock (_lock)
        {
            DemandOpen(network);
            DemandIdle(request.Key);
            var port = ConnectPolicy.Decide(
                network.Record, _ports.GetValueOrDefault(request.Key), request, Taken(network.Record), number =>
                    Hardware.For(machine, number), _lastPort + 1);
            DemandUniqueMac(port);
            _lastPort = Math.Max(_lastPort, port.Number);
            return Pend(new PortAction(describe(port)));
        }
    }

    /// <summary>Reserves a card for a disconnection; null when it is not connected there.</summary>
    public PortAction? Reserve(Network network, string key, Func<PortRecord, ActionRecord> describe)
    {
        lock (_lock)
        {
            DemandIdle(key);
            return _ports.GetValueOrDefault(key) is { } port && port.In(network.Number) is not null
                ? Pend(new PortAction(describe(port with { Channels = [.. port.Channels.Where(channel => channel.Network != network.Number)] })))
                : null;
        }
    }

    /// <summary>An action has ended; the port is as it says when it was done.</summary>
    public void End(PortAction action, bool isDone)
    {
        lock (_lock)
        {
            var port = action.Record.Port;
            _pending.Remove(port.Key);
            if (isDone && port.Channels.Count == 0)
            {
                _ports.Remove(port.Key);
            }
            else if (isDone)
            {
                _ports[port.Key] = port;
            }
        }
    }

    private PortAction Pend(PortAction action)
    {
        _pending.Add(action.Record.Port.Key, action);
        return action;
    }

    private HashSet<uint> Taken(NetworkRecord network)
    {
        var ports = _ports.Values.Concat(_pending.Values.Select(action => action.Record.Port));
        return [.. ports.Select(port => port.In(network.Number)?.Address).Append(network.Gateway).OfType<string>()
            .Select(text => Subnet.TryParseAddress(text, out var address) ? address : 0)];
    }

    private void DemandIdle(string key)
    {
        if (_pending.TryGetValue(key, out var action))
        {
            throw new FileException(
                Errno.EBUSY, $"{key} has a pending action, {action.Record.Id} ({action.Record.Type}); wait for it: cat "
                    + $"/net/action/{action.Record.Id}/wait.");
        }
    }

    private void DemandUniqueMac(PortRecord port)
    {
        var other = _ports.Values.Concat(_pending.Values.Select(action => action.Record.Port))
            .FirstOrDefault(other => other.Mac == port.Mac && other.Key != port.Key);
        if (other is not null)
        {
            throw new FileException(Errno.EADDRINUSE, $"{port.Mac} is the hardware address of {other.Key} already.");
        }
    }

    private static void DemandOpen(Network network)
    {
        if (network.Record.State is NetworkStates.Removing or NetworkStates.Removed)
        {
            throw new FileException(Errno.ENOENT, $"{network.Record.Label} is being removed.");
        }
    }
}
