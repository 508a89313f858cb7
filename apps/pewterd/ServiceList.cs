using Pewter.Distribution;
using Pewter.Execution;
using Pewter.Hosting;
using Pewter.Images;
using Pewter.Machines;
using Pewter.Machines.Metal;
using Pewter.Machines.Nodes;
using Pewter.Messaging;
using Pewter.Networks;
using Pewter.Peers;

namespace Pewter.Daemon;

/// <summary>
/// The services of a daemon, in the order of their starts. A new one is a line here, before the peers.
/// </summary>
internal static class ServiceList
{
    public static IReadOnlyList<IService> Create(DaemonModel model)
    {
        var guest = new BuiltInGuest(Path.Combine(model.Paths.State, "guests"));
        var metal = new MetalService(guest: guest.GetAsync);
        return
        [
            // Machines that are found again after a restart need their networks and disks.
            new NetworkService(), new ImageService(model.Images), metal, new NodeService(Nodes(model, metal.Kind, guest)), new BlobService(),
            new ExecutionService(model.Execution), new MessagingService(model.MailBroker, model.MailListen), new PeerService(model.Peers),
        ];
    }

    private static NodeServiceOptions Nodes(DaemonModel model, INodeKind metal, BuiltInGuest guest) => new()
    {
        MoreKinds = [metal],
        Limits = model.Nodes, BuiltInGuest = guest.GetAsync,
    };
}
