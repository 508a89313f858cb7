using Pewter.Linux.Memory;

namespace Pewter.Mail;

// Who is there, and by which ways.
public sealed partial class MailHub
{
    // More than processes of a node ask at once while its hub is new.
    private const int AskingMax = 64 << 10;

    private readonly ITimer _settling;
    private readonly Lock _telling = new();
    private readonly List<(HubPort Asker, PortAddress To)> _asking = [];
    private volatile bool _isSettled;

    /// <summary>
    /// Whether the hub is so new that it may not have heard of everybody yet: who is unknown is not gone until then.
    /// </summary>
    private bool IsSettling => !_isSettled;

    internal PortAddress Join(HubPort port, uint wanted)
    {
        HubOffice office;
        lock (_lock)
        {
            if (_offices.Count(pair => pair.Value.IsLocal) >= Options.OfficesMax)
            {
                throw new InvalidDataException("There are too many processes.");
            }

            var number = wanted;
            while (number == 0 || _offices.ContainsKey((Options.Node, number)))
            {
                number = ++_lastOffice;
            }

            office = new HubOffice(new PortAddress(Options.Node, number, 0), port.Tenant, port.Process, Options.Node, [port]);
            _offices[(Options.Node, number)] = office;
        }

        TellTrunks(null, trunk => trunk.Tell(office));
        Answer(office.Address);
        return office.Address;
    }

    internal void Leave(HubPort port) => Unlearn(port, port.Address, RejectReason.NoPort);

    internal void Join(HubTrunk trunk)
    {
        lock (_lock)
        {
            _trunks.Add(trunk);
        }

        // What changes meanwhile is told behind it.
        lock (_telling)
        {
            TellPlaces(trunk);
            foreach (var office in _offices.Values)
            {
                trunk.Tell(office);
            }

            foreach (var (tenant, table) in _names)
            {
                foreach (var binding in table.All)
                {
                    TellName(trunk, HubFrame.Bind, tenant, binding);
                }
            }
        }
    }

    internal void Leave(HubTrunk trunk)
    {
        lock (_lock)
        {
            _trunks.Remove(trunk);
        }

        ForgetPlaces(trunk);
        foreach (var office in _offices.Values.Where(office => office.Ways.Contains(trunk)).ToList())
        {
            Unlearn(trunk, office.Address, RejectReason.NodeLost);
        }
    }

    /// <summary>A trunk says that a process can be reached by it.</summary>
    internal void Learn(HubTrunk from, PortAddress address, string tenant, ulong owner)
    {
        HubOffice office;
        bool isNewToTree;
        lock (_lock)
        {
            var known = _offices.GetValueOrDefault((address.Node, address.Office));

            // What the tree brings twice came round a loop.
            if (address.Node == Options.Node || (known is not null && (known.Tenant != tenant || known.Ways.Contains(from)
                || (from.Kind != TrunkKind.Direct && known.IsOfTree))))
            {
                return;
            }

            office = known?.With(from) ?? new HubOffice(address, tenant, 0, owner, [from]);
            isNewToTree = office.IsOfTree && known?.IsOfTree != true;
            _offices[(address.Node, address.Office)] = office;
        }

        if (isNewToTree)
        {
            TellTrunks(from, trunk => trunk.Tell(office));
        }

        Answer(address);
        if (office.Ways.Length > 1 && office.Way == from)
        {
            SayWay(office);
        }
    }

    /// <summary>A way to a process is gone; with the last one the process is.</summary>
    /// <param name="from">The way.</param>
    /// <param name="gone">The process.</param>
    /// <param name="reason">How.</param>
    /// <param name="isCertain">Its own hub says so: no other way leads to it either.</param>
    internal void Unlearn(HubPeer from, PortAddress gone, RejectReason reason, bool isCertain = false)
    {
        HubOffice? left;
        lock (_lock)
        {
            // A hub that ends says of nobody that it is gone: the next one finds them all there.
            if (_stop.IsCancellationRequested || !_offices.TryGetValue((gone.Node, gone.Office), out var office) || !office.Ways.Contains(from))
            {
                return;
            }

            left = isCertain || office.Ways.Length == 1 ? null : office.Without(from);
            if (left is null)
            {
                _offices.TryRemove((gone.Node, gone.Office), out _);
            }
            else
            {
                _offices[(gone.Node, gone.Office)] = left;
            }

            if (left is not null && left.Way == office.Way)
            {
                return;
            }
        }

        if (left is null)
        {
            Lose(from, gone, reason);
        }
        else
        {
            SayWay(left);
        }
    }

    /// <summary>Answers a process that has something for another.</summary>
    internal void FindWay(HubPort asker, PortAddress to)
    {
        if (!_offices.TryGetValue((to.Node, to.Office), out var office) || !Allows(asker.Tenant, office.Tenant))
        {
            if (office is not null || !TryHold(asker, to))
            {
                asker.Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Lost, From = to, Reason = WhyUnknown(to) }, default);
            }
        }
        else if (office.Way is not HubPort peer || !Futex.WaitsOnMany)
        {
            asker.SayWay(office);
            Want(office.Owner);
        }
        else if (!peer.IsOffered(asker.Address))
        {
            asker.IsOffered(peer.Address);
            Offer(asker, peer);
        }
    }

    private void Lose(HubPeer from, PortAddress gone, RejectReason reason)
    {
        foreach (var (tenant, table) in _names)
        {
            foreach (var binding in table.RemoveWhere(binding => binding.Port.IsSameOffice(gone)))
            {
                NameChanged?.Invoke(tenant, binding, false);
            }
        }

        var lost = new FrameHeader { Kind = HubFrame.Lost, From = gone with { Port = 0 }, Reason = reason };
        foreach (var local in _offices.Values.Where(other => other.IsLocal))
        {
            local.Way.Outbox.TryAppend(lost, default);
        }

        TellTrunks(from, trunk => trunk.Outbox.TryAppend(lost, default));
    }

    // Who writes to it by this hub sends again what may have been lost on the way that was.
    private void SayWay(HubOffice office)
    {
        foreach (var local in _offices.Values)
        {
            if (local.Way is HubPort port && port.Uses(office.Address))
            {
                port.SayWay(office);
            }
        }
    }

    // A process that is unknown is dead, where its node is known to be there; else the way there is.
    private RejectReason WhyUnknown(PortAddress to) =>
        to.Node == Options.Node || _offices.Keys.Any(known => known.Item1 == to.Node) ? RejectReason.NoPort : RejectReason.NodeLost;

    private bool TryHold(HubPort asker, PortAddress to)
    {
        lock (_asking)
        {
            if (_isSettled || _asking.Count >= AskingMax)
            {
                return false;
            }

            _asking.Add((asker, to));
            return true;
        }
    }

    private void Answer(PortAddress found)
    {
        if (_isSettled)
        {
            return;
        }

        List<(HubPort Asker, PortAddress To)> waiting;
        lock (_asking)
        {
            waiting = [.. _asking.Where(asked => asked.To.IsSameOffice(found))];
            _asking.RemoveAll(asked => asked.To.IsSameOffice(found));
        }

        waiting.ForEach(asked => FindWay(asked.Asker, asked.To));
    }

    private void EndSettling()
    {
        List<(HubPort Asker, PortAddress To)> waiting;
        lock (_asking)
        {
            _isSettled = true;
            waiting = [.. _asking];
            _asking.Clear();
        }

        waiting.ForEach(asked => FindWay(asked.Asker, asked.To));
    }
}
