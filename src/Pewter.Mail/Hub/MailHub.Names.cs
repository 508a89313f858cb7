namespace Pewter.Mail;

// Names, and what one name space lets another see of its own.
public sealed partial class MailHub
{
    // Names withdrawn by a direct connection whose withdrawal may not have come by the tree yet.
    private const int WithdrawnNames = 4096;

    private readonly HashSet<(PortAddress, uint)> _withdrawn = [];
    private readonly Queue<(PortAddress, uint)> _withdrawnOrder = new();
    private readonly Lock _grantsLock = new();
    private volatile IReadOnlyList<MailGrant> _grants = [];

    /// <summary>What name spaces let others see.</summary>
    public IReadOnlyList<MailGrant> Grants => _grants;

    /// <summary>Lets a name space see names of another.</summary>
    public void Grant(MailGrant grant)
    {
        lock (_grantsLock)
        {
            if (_grants.Contains(grant))
            {
                return;
            }

            _grants = [.. _grants, grant];
        }

        foreach (var binding in NamesOf(grant.Owner).All.Where(binding => grant.Target.Matches(binding.Target)))
        {
            NamesOf(grant.Tenant).Add(binding);
        }
    }

    /// <summary>Takes it back; false when there is no such grant.</summary>
    public bool Revoke(MailGrant grant)
    {
        lock (_grantsLock)
        {
            var before = _grants.Count;
            _grants = [.. _grants.Where(other => other != grant)];
            if (_grants.Count == before)
            {
                return false;
            }
        }

        var own = NamesOf(grant.Owner).All.Select(binding => binding.Key).ToHashSet();
        NamesOf(grant.Tenant).RemoveWhere(binding => own.Contains(binding.Key) && grant.Target.Matches(binding.Target));
        return true;
    }

    /// <summary>A name is bound, here (from is null) or where a trunk leads; the one that stands in its way is returned.</summary>
    internal NameBinding? Publish(string tenant, NameBinding binding, HubTrunk? from)
    {
        if (_offices.GetValueOrDefault((binding.Port.Node, binding.Port.Office)) is not { } office
            || (from is null ? !office.IsLocal : !office.Ways.Contains(from)) || office.Tenant != tenant)
        {
            return null;
        }

        // The tree is slower than a direct connection: what that has withdrawn does not come back by it.
        if (!IsWithdrawn(binding))
        {
            if (NamesOf(tenant).Add(binding) is { } other)
            {
                return other;
            }

            NameChanged?.Invoke(tenant, binding, true);
            foreach (var grant in _grants.Where(grant => grant.Owner == tenant && grant.Target.Matches(binding.Target)))
            {
                NamesOf(grant.Tenant).Add(binding);
            }
        }

        TellOfName(HubFrame.Bind, tenant, binding, office, from);
        return null;
    }

    internal void Withdraw(string tenant, NameBinding binding, HubTrunk? from)
    {
        if (_offices.GetValueOrDefault((binding.Port.Node, binding.Port.Office)) is not { } office
            || (from is not null && !office.Ways.Contains(from)))
        {
            return;
        }

        if (from is { Kind: TrunkKind.Direct } && office.IsOfTree)
        {
            NoteWithdrawn(binding);
        }

        foreach (var (space, table) in _names)
        {
            if (table.Remove(binding.Port, binding.Id))
            {
                NameChanged?.Invoke(space, binding, false);
            }
        }

        TellOfName(HubFrame.Unbind, tenant, binding, office, from);
    }

    internal bool Allows(string one, string other) => one == other || _grants.Any(grant =>
        (grant.Owner == one && grant.Tenant == other) || (grant.Owner == other && grant.Tenant == one));

    // A direct connection is no news for others: the tree brings them the same.
    private void TellOfName(FrameKind kind, string tenant, NameBinding binding, HubOffice office, HubTrunk? from)
    {
        if (from is not { Kind: TrunkKind.Direct })
        {
            TellTrunks(from, trunk => TellName(trunk, kind, tenant, binding, office));
        }
    }

    private void TellName(HubTrunk trunk, FrameKind kind, string tenant, NameBinding binding, HubOffice? known = null)
    {
        var office = known ?? _offices.GetValueOrDefault((binding.Port.Node, binding.Port.Office));
        if (binding.Target.Scope == MailScope.Cluster && office is not null && office.Tenant == tenant && trunk.Covers(office))
        {
            trunk.Tell(kind, tenant, binding);
        }
    }

    private bool IsWithdrawn(NameBinding binding)
    {
        lock (_withdrawn)
        {
            return _withdrawn.Contains(binding.Key);
        }
    }

    private void NoteWithdrawn(NameBinding binding)
    {
        lock (_withdrawn)
        {
            if (_withdrawn.Add(binding.Key))
            {
                _withdrawnOrder.Enqueue(binding.Key);
                if (_withdrawnOrder.Count > WithdrawnNames)
                {
                    _withdrawn.Remove(_withdrawnOrder.Dequeue());
                }
            }
        }
    }
}
