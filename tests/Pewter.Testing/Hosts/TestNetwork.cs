using Xunit;

namespace Pewter.Testing.Hosts;

/// <summary>
/// Hosts on network segments of one kernel: each host is a network namespace, each segment a bridge in a namespace of its own, so that nothing of it is
/// in the machine's own network. Needs root. Disposing removes what it made and nothing else.
/// </summary>
public sealed class TestNetwork : IAsyncDisposable
{
    private static int _count;

    private readonly string _prefix = $"pw{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
    private readonly List<TestHost> _hosts = [];
    private int _segments;
    private int _links;

    private TestNetwork()
    {
    }

    private string Switch => _prefix + "-sw";

    /// <summary>Creates a network without hosts; the test is skipped where the machine cannot have one.</summary>
    public static async Task<TestNetwork> CreateAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("skipped, because network namespaces need root");
        }

        var network = new TestNetwork();
        var made = await Shell.RunAsync($"ip netns add {network.Switch} && ip -n {network.Switch} link set lo up");
        if (made.ExitCode != 0)
        {
            Assert.Skip($"skipped, because a network namespace cannot be made: {made.Errors.Trim()}");
        }

        return network;
    }

    /// <summary>Adds a host, with a loopback interface only.</summary>
    public async Task<TestHost> AddHostAsync(string name)
    {
        var host = new TestHost(name, $"{_prefix}-{name}");
        _hosts.Add(host);
        await DoAsync($"ip netns add {host.Namespace} && ip -n {host.Namespace} link set lo up");
        return host;
    }

    /// <summary>Adds a segment: an Ethernet that hosts can be plugged into. Gives its number.</summary>
    public async Task<int> AddSegmentAsync()
    {
        var segment = ++_segments;
        await DoAsync($"ip -n {Switch} link add br{segment} type bridge && ip -n {Switch} link set br{segment} up");
        return segment;
    }

    /// <summary>Plugs a host into a segment with an address such as <c>10.77.1.2/24</c>.</summary>
    public async Task<TestLink> PlugAsync(TestHost host, int segment, string address)
    {
        var link = new TestLink(Switch, $"v{++_links}");
        await DoAsync(string.Join(
            " && ",
            $"ip -n {Switch} link add {link.Interface} type veth peer name eth{segment} netns {host.Namespace}",
            $"ip -n {Switch} link set {link.Interface} master br{segment} up",
            $"ip -n {host.Namespace} addr add {address} dev eth{segment}",
            $"ip -n {host.Namespace} link set eth{segment} up"));
        return link;
    }

    /// <summary>
    /// Makes a host the router of another, which it hides behind its own address on a segment (masquerade): nobody there can dial the
    /// hidden one. Skips the test where there is no nftables.
    /// </summary>
    /// <param name="router">The host on both segments.</param>
    /// <param name="outer">The segment that is to see only the router.</param>
    /// <param name="hidden">The host behind it.</param>
    /// <param name="gateway">The router's address as the hidden host sees it.</param>
    public static async Task HideAsync(TestHost router, int outer, TestHost hidden, string gateway)
    {
        var rules = "add table ip nat; add chain ip nat post { type nat hook postrouting priority 100; }; "
            + $"add rule ip nat post oifname eth{outer} masquerade";
        var made = await router.RunAsync($"sysctl -q -w net.ipv4.ip_forward=1 && nft \"{rules}\"");
        if (made.ExitCode != 0)
        {
            Assert.Skip($"skipped, because there is no address translation here: {made.Errors.Trim()}");
        }

        await DoAsync($"ip -n {hidden.Namespace} route add default via {gateway}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
            await Shell.RunAsync($"ip netns del {host.Namespace}");
        }

        await Shell.RunAsync($"ip netns del {Switch}");
    }

    internal static async Task DoAsync(string script)
    {
        var result = await Shell.RunAsync(script);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{script}: {result.Errors.Trim()}");
        }
    }
}
