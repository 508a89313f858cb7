using System.Net.Sockets;
using System.Runtime.InteropServices;
using Pewter.Linux.Users;
using Pewter.NineP.Serving;

namespace Pewter.Node.Serving;

/// <summary>Who is at the other end of a socket, as the kernel says (SO_PEERCRED).</summary>
internal static class PeerIdentity
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <summary>The peer; null over the network, where the kernel knows nothing.</summary>
    internal static Caller? Of(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
        {
            return null;
        }

        // struct ucred: pid, uid, gid.
        Span<byte> raw = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, raw);
        var (user, group) = (MemoryMarshal.Read<uint>(raw[4..]), MemoryMarshal.Read<uint>(raw[8..]));
        var isAdmin = user == 0 || user == OwnUser.Value;
        return new Caller { User = isAdmin ? "root" : UserDatabase.NameOf(user), Uid = user, Gid = group, IsAdmin = isAdmin };
    }

    private static class OwnUser
    {
        internal static readonly uint Value = uint.Parse(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2],
            System.Globalization.CultureInfo.InvariantCulture);
    }
}
