using System.Net;
using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Iscsi;
using Pewter.Blocks.Nbd;

namespace Pewter.Disks;

/// <summary>
/// The listening sockets in other network namespaces: one for NBD and one for iSCSI at each address where a disk's host may come. They are there as
/// long as a disk has such a host, since a socket keeps its namespace alive. Used by one caller at a time.
/// </summary>
internal sealed class SegmentDoors(NbdServer nbd, IscsiServer iscsi, Action<string>? report)
{
    /// <summary>NBD's port (IANA).</summary>
    public const int NbdPort = 10809;

    /// <summary>iSCSI's port (IANA).</summary>
    public const int IscsiPort = 3260;

    private readonly Dictionary<(string Network, IPAddress Portal), Door> _open = [];

    /// <summary>Opens what is missing and closes what nobody needs. A namespace that is not there is tried again at the next change.</summary>
    public void Keep(IEnumerable<ExportHost> hosts)
    {
        HashSet<(string Network, IPAddress Portal)> wanted = [.. hosts.Select(h => (h.Network, h.Portal))];
        foreach (((string Network, IPAddress Portal) place, Door door) in _open.ToArray())
        {
            // Another namespace at the same path is another network.
            if (wanted.Contains(place) && door.Number == NetworkSockets.NumberOf(place.Network))
                continue;
            nbd.Leave(door.Nbd);
            iscsi.Leave(door.Iscsi);
            _open.Remove(place);
        }

        foreach ((string Network, IPAddress Portal) place in wanted.Where(each => !_open.ContainsKey(each)))
            Open(place);
    }

    private void Open((string Network, IPAddress Portal) place)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (int port in (int[])[NbdPort, IscsiPort])
                sockets.Add(NetworkSockets.Bind(place.Network, new IPEndPoint(place.Portal, port)));
            nbd.Listen(sockets[0], place.Network);
            iscsi.Listen(sockets[1]);
            _open.Add(place, new Door(sockets[0], sockets[1], NetworkSockets.NumberOf(place.Network)));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            sockets.ForEach(each => each.Dispose());
            report?.Invoke($"{place.Network}: disks are not served at {place.Portal}: {e.Message}");
        }
    }

    private sealed record Door(Socket Nbd, Socket Iscsi, ulong? Number);
}
