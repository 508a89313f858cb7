namespace Pewter.Networks.Plane.Boot;

/// <summary>
/// What the machines of a network boot, ready to be served: a script for each hardware address, and the files that the
/// scripts name.
/// </summary>
internal sealed record BootPlan(IReadOnlyDictionary<string, string> Scripts, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>The plan of a network.</summary>
    public static BootPlan For(NetworkRecord network, IReadOnlyList<SegmentHost> hosts)
    {
        var scripts = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (mac, text) in network.Boot)
        {
            var target = BootTarget.Parse(text);
            scripts[mac] = BootScript.Render(target, network, mac, hosts.FirstOrDefault(host => host.Mac == mac));
            foreach (var (name, path) in target.Files)
            {
                files[$"/file/{mac}/{name}"] = path;
            }
        }

        foreach (var (name, path) in scripts.Count == 0 ? [] : Dhcp.BootFiles.Installed())
        {
            files[name] = path;
        }

        return new BootPlan(scripts, files);
    }
}
