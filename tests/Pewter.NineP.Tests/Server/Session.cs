using Pewter.NineP.Server;
using Pewter.NineP.Tests.Sample;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Server;

/// <summary>A raw peer attached to the sample tree, fid 0 at its root.</summary>
internal sealed class Session : IAsyncDisposable
{
    private Session(SampleServer server, RawPeer peer)
    {
        Server = server;
        Peer = peer;
    }

    public SampleServer Server { get; }

    public RawPeer Peer { get; }

    public static async Task<Session> StartAsync(
        Dialect dialect = Dialect.NineP2000L, string accessName = "root", NineLimits? limits = null)
    {
        var server = new SampleServer { Limits = limits ?? NineLimits.Default };
        var peer = new RawPeer(server.Connect());
        await peer.StartAsync(dialect, accessName);
        return new Session(server, peer);
    }

    public async Task WalkAsync(uint fid, params string[] names) =>
        Assert.Equal(MessageType.Rwalk, (await Peer.AskAsync(1, () => new Twalk { Fid = 0, NewFid = fid, Names = RawPeer.Names(names) })).Type);

    public async Task OpenAsync(uint fid, string name, uint flags)
    {
        await WalkAsync(fid, name);
        Assert.Equal(MessageType.Rlopen, (await Peer.AskAsync(1, () => new Tlopen { Fid = fid, Flags = flags })).Type);
    }

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await Server.DisposeAsync();
    }
}
