using System.Net;
using Pewter.Hosting;
using Pewter.Mail;

namespace Pewter.Messaging.Direct;

/// <summary>
/// Direct connections between the hubs of machines: TLS, each side known by a key that the tree has handed on. Owns the
/// key, the listener and the dialler.
/// </summary>
internal sealed class DirectLinks : IAsyncDisposable
{
    private readonly DirectKey _key;
    private readonly DirectListener _listener;
    private readonly DirectDialer _dialer;

    internal DirectLinks(MailHub hub, ServiceContext context, IReadOnlyList<IPEndPoint> listen)
    {
        _key = new DirectKey(context.Time);
        _listener = new DirectListener(hub, _key, context.Log, context.Time);
        _dialer = new DirectDialer(hub, _key, context.Log, context.Time);
        _listener.Listen(listen);
        hub.Announce(new MailHubPlace(hub.Options.Node, context.MachineName, _key.Digest, _listener.Endpoints));
        _dialer.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _dialer.DisposeAsync();
        await _listener.DisposeAsync();
        _key.Dispose();
    }
}
