using System.Globalization;
using Pewter.Mail;
using Pewter.Messaging.Trunks;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Messaging.Names;

/// <summary>
/// <c>/name</c>: an object for each name that is bound, here or on a machine that is joined. Its <c>events</c> tell
/// names coming and going; a query picks those that
/// one waits for. Told by the hub, in the order of the changes.
/// </summary>
internal sealed class NameList
{
    private readonly MailHub _hub;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, PortAddress, uint), long> _numbers = [];

    internal NameList(MailHub hub, TimeProvider time)
    {
        _hub = hub;
        Names = new Collection<BoundName>(Kind(), time);
    }

    internal Collection<BoundName> Names { get; }

    internal void Observe(string tenant, NameBinding binding, bool isUp)
    {
        var key = (tenant, binding.Port, binding.Id);
        lock (_lock)
        {
            if (!isUp)
            {
                _ = _numbers.Remove(key, out var gone) && Names.Remove(gone);
                return;
            }

            if (_numbers.ContainsKey(key))
            {
                return;
            }

            var number = Names.Next(Caller.System).Number;
            _numbers[key] = number;
            var office = _hub.Offices.FirstOrDefault(office => office.Address.IsSameOffice(binding.Port));
            Names.Add(number, new BoundName(number, tenant, binding, office.Process, office.IsLocal));
        }
    }

    private ObjectKind<BoundName> Kind() => new()
    {
        Prefix = "b",
        Fields = new Fields<BoundName>()
            .Text("target", name => name.Binding.Target.ToString(), indexed: true)
            .Text("service", name => name.Binding.Target.Name, indexed: true)
            .Int("type", name => name.Binding.Target.Range?.Type, indexed: true)
            .Int("lower", name => name.Binding.Target.Range?.Lower)
            .Int("upper", name => name.Binding.Target.Range?.Upper)
            .Text("scope", name => name.Binding.Target.Scope == MailScope.Node ? "node" : "cluster")
            .Text("port", name => name.Binding.Port.ToString(), indexed: true)
            .Text("node", name => name.Binding.Port.Node.ToString("x", CultureInfo.InvariantCulture), indexed: true)
            .Text("where", name => name.IsLocal ? "here" : "elsewhere")
            .Int("pid", name => name.Process > 0 ? name.Process : null)
            .Flag("exclusive", name => name.Binding.IsExclusive)
            .Flag("member", name => name.Binding.IsGroup)
            .Text("tenant", name => name.Tenant, indexed: true),
        Owner = name => new Owner("root", name.Tenant, 0),
        CollectionFiles = [KeyValuePair.Create<string, TreeFile>("trunk", new TrunkFile(_hub))],
    };
}
