using System.Globalization;
using Pewter.Blocks.Exports;
using Pewter.Tree;

namespace Pewter.Disks;

/// <summary>What the tree says of a disk.</summary>
internal static class DiskKind
{
    public static ObjectKind<ServedDisk> Create(DiskServer server, CommandSet<ServedDisk> commands) => new()
    {
        Prefix = "d",
        Commands = commands,
        States = new StateModel<ServedDisk>(d => d.State, ["served", "offline", "faulty"], []),
        Fields = new Fields<ServedDisk>()
            .Size("size", d => d.Info.Length)
            .Text("layer", d => d.Info.Parent, indexed: true)
            .Time("created", d => d.Info.CreatedAt)
            .Int("sessions", d => d.Export?.Leases.Count)
            .Int("reads", d => d.Export?.Traffic.Reads)
            .Size("bytesread", d => d.Export?.Traffic.BytesRead)
            .Int("writes", d => d.Export?.Traffic.Writes)
            .Size("byteswritten", d => d.Export?.Traffic.BytesWritten)
            .Size("touched", d => d.Device?.Heat.TouchedBytes)
            .Text("fault", d => d.Fault),
        Files = (directory, disk) => directory
            .Add("nbd", new TextFile(() => NbdAddresses(server, disk)))
            .Add("iscsi", new TextFile(() => IscsiAddress(server, disk)))
            .Add("initiator", new TextFile(() => server.OwnInitiator(disk.Id)) { Mode = UnixMode.Octal(400) })
            .Add("heat", new TextFile(() => Heat(disk)))
            .Add("latency", new TextFile(() => Latency(disk)))
            .Add("traffic", new TextFile(() => Traffic(disk)))
            .Add("sessions", new TextFile(() => string.Join('\n', disk.Export?.Leases.Select(l => l.Client) ?? [])))
            .Add("used", new TextFile(() => server.Store.UsedBytes(disk.Id).ToString(CultureInfo.InvariantCulture))),
    };

    private static string NbdAddresses(DiskServer server, ServedDisk disk)
    {
        var lines = new List<string>();
        if (server.Config.NbdSocket is { } socket)
            lines.Add($"nbd+unix:///{disk.Id}?socket={socket}");
        if (server.Config.NbdAddress is { } address)
            lines.Add($"nbd://{address}/{disk.Id}");
        return string.Join('\n', lines);
    }

    private static string IscsiAddress(DiskServer server, ServedDisk disk) =>
        server.Config.IscsiPortal is { } portal && disk.Export?.Access.Initiators.Count > 0
            ? $"iscsi:{portal.Address}::{portal.Port}:0:{server.TargetOf(disk.Id)}"
            : "";

    private static string Heat(ServedDisk disk)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        disk.Device?.Heat.Save(writer);
        return writer.ToString();
    }

    private static string Traffic(ServedDisk disk) => disk.Export?.Traffic is { } traffic
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"reads={traffic.Reads} bytesread={traffic.BytesRead} writes={traffic.Writes} byteswritten={traffic.BytesWritten}")
        : "";

    // One line a bucket that has any: the upper bound in microseconds, the requests.
    private static string Latency(ServedDisk disk)
    {
        if (disk.Export?.Traffic is not { } traffic)
            return "";
        IEnumerable<string> lines = traffic.Latencies
            .Select((count, i) => string.Create(CultureInfo.InvariantCulture, $"{1L << Math.Min(i, ExportTraffic.Buckets)} {count}"))
            .Where(line => !line.EndsWith(" 0", StringComparison.Ordinal));
        return string.Join('\n', lines);
    }
}
