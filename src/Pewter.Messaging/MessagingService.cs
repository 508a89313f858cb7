using System.Globalization;
using System.Net;
using Pewter.Hosting;
using Pewter.Linux.Users;
using Pewter.Mail;
using Pewter.Messaging.Boxes;
using Pewter.Messaging.Direct;
using Pewter.Messaging.Names;
using Pewter.Messaging.Trunks;
using Pewter.Tree;

namespace Pewter.Messaging;

/// <summary>
/// Mail: the hub by which this machine's processes find each other, at <c>mail.sock</c> in the run directory; mailboxes
/// that are files, in <c>/mail</c>; and who is
/// bound to which name, in <c>/name</c>. What has a ring goes on when this is gone.
/// </summary>
public sealed class MessagingService : IService
{
    /// <summary>What the hub's socket is called in the run directory.</summary>
    public const string SocketName = "mail.sock";

    private readonly IReadOnlyList<Uri> _broker;
    private readonly IReadOnlyList<IPEndPoint> _listen;
    private MailHub? _hub;
    private BoxTable? _boxes;
    private NameList? _names;
    private TrunkDialer? _dialer;
    private DirectLinks? _direct;

    /// <summary>Creates the service.</summary>
    /// <param name="broker">The nodes of RabbitMQ for durable mailboxes, <c>amqp://…</c>; none: the daemon's own store.</param>
    /// <param name="listen">Where other machines' hubs connect directly; port 0 takes a free one. Null: nowhere, and this one
    /// only dials.</param>
    public MessagingService(IReadOnlyList<Uri>? broker = null, IReadOnlyList<IPEndPoint>? listen = null) =>
        (_broker, _listen) = (broker ?? [], listen ?? []);

    /// <inheritdoc/>
    public string Name => "mail";

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        _hub = new MailHub(new MailHubOptions
        {
            Node = NodeNumber(context.StateDirectory), Name = context.MachineName, Time = context.Time, Tenant = TenantOf,
        });
        _names = new NameList(_hub, context.Time);
        _boxes = new BoxTable(_hub, new BoxJournal(context.Store), _broker, context.Time);
        _hub.NameChanged = (tenant, binding, isUp) =>
        {
            _names.Observe(tenant, binding, isUp);
            _boxes.Observe(tenant, binding, isUp);
        };
        await _boxes.StartAsync(cancellation);
        _hub.Listen(Path.Join(context.RunDirectory, SocketName));
        context.Root.Add("mail", _boxes.Boxes);
        context.Root.Add("name", _names.Names);
        _dialer = new TrunkDialer(_hub, context);
        _dialer.Start();
        _direct = new DirectLinks(_hub, context, _listen);
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status() => _hub is null || _boxes is null ? [] :
    [
        new("mailboxes", _boxes.Boxes.Count.ToString(CultureInfo.InvariantCulture)),
        new("processes", _hub.Offices.Count(office => office.IsLocal).ToString(CultureInfo.InvariantCulture)),
        new("names", _names!.Bound.ToString(CultureInfo.InvariantCulture)),
        new("trunks", Count(TrunkKind.Tree)),
        new("direct", Count(TrunkKind.Direct)),
    ];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_direct is not null)
        {
            await _direct.DisposeAsync();
        }

        if (_dialer is not null)
        {
            await _dialer.DisposeAsync();
        }

        if (_boxes is not null)
        {
            await _boxes.DisposeAsync();
        }

        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        if (_names is not null)
        {
            await _names.DisposeAsync();
        }
    }

    /// <summary>The name space of a user of this machine: the user's group.</summary>
    private static string TenantOf(uint user, uint group) => user == 0 ? Owner.System.Group : UserDatabase.GroupNameOf(group);

    private string Count(TrunkKind kind) => _hub!.Trunks.Count(trunk => trunk.Kind == kind).ToString(CultureInfo.InvariantCulture);

    // The same over restarts, so that rings and addresses outlive the daemon.
    private static ulong NodeNumber(string directory)
    {
        var path = Path.Join(directory, "mail-node");
        if (File.Exists(path) && ulong.TryParse(File.ReadAllText(path), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var known))
        {
            return known;
        }

        var node = new MailHubOptions().Node;
        Directory.CreateDirectory(directory);
        File.WriteAllText(path, node.ToString("x", CultureInfo.InvariantCulture));
        return node;
    }
}
