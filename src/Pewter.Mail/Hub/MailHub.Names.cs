namespace Pewter.Mail;

// Names, and what one name space lets another see of its own.
public sealed partial class MailHub
{
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

    internal NameBinding? Publish(string tenant, NameBinding binding, HubTrunk? from)
    {
        if (WayTo(binding.Port) is not { } way || (from is not null && way != from))
        {
            return null;
        }

        if (NamesOf(tenant).Add(binding) is { } other)
        {
            return other;
        }

        NameChanged?.Invoke(tenant, binding, true);
        foreach (var grant in _grants.Where(grant => grant.Owner == tenant && grant.Target.Matches(binding.Target)))
        {
            NamesOf(grant.Tenant).Add(binding);
        }

        if (binding.Target.Scope == MailScope.Cluster)
        {
            TellTrunks(from, trunk => trunk.Tell(HubFrame.Bind, tenant, binding));
        }

        return null;
    }

    internal void Withdraw(string tenant, NameBinding binding, HubTrunk? from)
    {
        if (from is not null && WayTo(binding.Port) != from)
        {
            return;
        }

        foreach (var (space, table) in _names)
        {
            if (table.Remove(binding.Port, binding.Id))
            {
                NameChanged?.Invoke(space, binding, false);
            }
        }

        if (binding.Target.Scope == MailScope.Cluster)
        {
            TellTrunks(from, trunk => trunk.Tell(HubFrame.Unbind, tenant, binding));
        }
    }

    private bool Allows(string one, string other) => one == other || _grants.Any(grant =>
        (grant.Owner == one && grant.Tenant == other) || (grant.Owner == other && grant.Tenant == one));
}
