namespace Pewter.Networks.Plane;

/// <summary>
/// All that the server of a segment must know: written by the daemon, read by <c>pewter-netd</c>, which goes on with it
/// alone. Immutable.
/// </summary>
internal sealed record SegmentPlan
{
    /// <summary>The network's id.</summary>
    public required string Id { get; init; }

    /// <summary>The path of the segment's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The namespace's number: another one at the same path is another namespace.</summary>
    public required ulong NamespaceNumber { get; init; }

    /// <summary>The range, such as <c>10.42.0.0/24</c>.</summary>
    public required string Cidr { get; init; }

    /// <summary>The segment's own address.</summary>
    public required string Gateway { get; init; }

    public required string Domain { get; init; }

    public required int Mtu { get; init; }

    /// <summary>The prefix that is announced, of 64 bits.</summary>
    public required string Prefix6 { get; init; }

    /// <summary>The addresses for machines that come unannounced; null: none.</summary>
    public string? Guests { get; init; }

    public required int LeaseSeconds { get; init; }

    public IReadOnlyList<string> Forward { get; init; } = [];

    public IReadOnlyList<SegmentHost> Hosts { get; init; } = [];

    /// <summary>What machines boot: an iPXE script by hardware address.</summary>
    public IReadOnlyDictionary<string, string> Scripts { get; init; } = new Dictionary<string, string>();

    /// <summary>Files by the path under which they are served, over HTTP and TFTP.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>What begins with one of these paths is told to the one address beside it only.</summary>
    public IReadOnlyDictionary<string, string> Private { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a client may have what is at a path.</summary>
    public bool Admits(string path, System.Net.EndPoint? client) => Private.All(pair =>
        !path.StartsWith(pair.Key, StringComparison.Ordinal)
            || (client is System.Net.IPEndPoint { Address: var address } && address.ToString() == pair.Value));
}
