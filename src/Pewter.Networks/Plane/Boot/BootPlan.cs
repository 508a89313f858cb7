namespace Pewter.Networks.Plane.Boot;

/// <summary>
/// What the machines of a network boot, ready to be served: a script for each hardware address, the files that the scripts name, and what is told to
/// one machine alone, by the beginning of its path.
/// </summary>
internal sealed record BootPlan(
    IReadOnlyDictionary<string, string> Scripts, IReadOnlyDictionary<string, string> Files, IReadOnlyDictionary<string, string> Private)
{
    /// <summary>In place of a hardware address: what members boot for which nothing else is set.</summary>
    public const string Default = "default";

    /// <summary>The plan of a network.</summary>
    public static BootPlan For(NetworkRecord network, IReadOnlyList<SegmentHost> hosts)
    {
        var scripts = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        var wishes = network.Boot.TryGetValue(Default, out var usual)
            ? hosts.Select(host => KeyValuePair.Create(host.Mac, usual)).Where(wish => !network.Boot.ContainsKey(wish.Key)).Concat(network.Boot)
            : network.Boot;
        foreach (var (mac, text) in wishes.Where(wish => wish.Key != Default))
        {
            var target = BootTarget.Parse(text);
            scripts[mac] = BootScript.Render(target, network, mac, hosts.FirstOrDefault(host => host.Mac == mac));
            if (target.HasSecret)
            {
                own[$"/boot/{mac}"] = AddressOf(hosts, mac);
            }

            foreach (var (name, path) in target.Files)
            {
                files[$"/file/{mac}/{name}"] = path;
            }
        }

        foreach (var (name, path) in scripts.Count == 0 ? [] : Dhcp.BootFiles.Installed())
        {
            files[name] = path;
        }

        foreach (var (mac, directory) in network.Seeds)
        {
            own[$"/seed/{mac}/"] = AddressOf(hosts, mac);
            foreach (var path in Directory.Exists(directory) ? Directory.EnumerateFiles(directory) : [])
            {
                files[$"/seed/{mac}/{Path.GetFileName(path)}"] = path;
            }
        }

        return new BootPlan(scripts, files, own);
    }

    // Of a machine that is no member nobody has the address.
    private static string AddressOf(IReadOnlyList<SegmentHost> hosts, string mac) => hosts.FirstOrDefault(host => host.Mac == mac)?.Address ?? "";
}
