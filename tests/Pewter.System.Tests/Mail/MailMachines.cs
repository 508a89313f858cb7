using Pewter.Mail;
using Pewter.System.Tests.Peers;
using Pewter.Testing.Hosts;

namespace Pewter.System.Tests.Mail;

/// <summary>
/// A parent with two children, each on a segment of its own, so that mail between the children goes by the parent until
/// they get a cable past it. Programs are offices of this process at the machines' hubs.
/// </summary>
internal sealed class MailMachines(TestNetwork network, PeerHost top, PeerHost left, PeerHost right) : IAsyncDisposable
{
    private readonly List<PostOffice> _offices = [];

    public PeerHost Top => top;

    public PeerHost Left => left;

    public PeerHost Right => right;

    /// <summary>The right machine's cable to its parent.</summary>
    public required TestLink Cable { get; init; }

    public required TestHost LeftHost { get; init; }

    public required int RightSegment { get; init; }

    public static async Task<MailMachines> UpAsync()
    {
        var network = await TestNetwork.CreateAsync();
        var (upper, lower) = (await network.AddSegmentAsync(), await network.AddSegmentAsync());
        var (topHost, leftHost, rightHost) = (
            await network.AddHostAsync("top"), await network.AddHostAsync("left"), await network.AddHostAsync("right"));
        await network.PlugAsync(topHost, upper, "10.79.1.1/24");
        await network.PlugAsync(topHost, lower, "10.79.2.1/24");
        await network.PlugAsync(leftHost, upper, "10.79.1.2/24");
        var cable = await network.PlugAsync(rightHost, lower, "10.79.2.2/24");
        var machines = new MailMachines(
            network, new PeerHost(topHost, "10.79.1.1", "10.79.2.1"), new PeerHost(leftHost, "10.79.1.2"), new PeerHost(rightHost, "10.79.2.2"))
        {
            Cable = cable, LeftHost = leftHost, RightSegment = lower,
        };
        await machines.Top.UpAsync();
        await machines.Left.UpAsync(machines.Top, showsParent: true);
        await machines.Right.UpAsync(machines.Top, showsParent: true, parentAddress: "10.79.2.1");
        await machines.Top.SeesAsync(machines.Left, "up");
        await machines.Top.SeesAsync(machines.Right, "up");
        return machines;
    }

    /// <summary>Gives the left machine a cable into the right one's segment.</summary>
    public Task<TestLink> BridgeAsync() => network.PlugAsync(LeftHost, RightSegment, "10.79.2.3/24");

    public async Task<PostOffice> OfficeAsync(PeerHost machine)
    {
        var office = await PostOffice.AttachAsync(machine.MailSocket);
        _offices.Add(office);
        return office;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var office in _offices)
        {
            await office.DisposeAsync();
        }

        await right.DisposeAsync();
        await left.DisposeAsync();
        await top.DisposeAsync();
        await network.DisposeAsync();
    }
}
