using System.Buffers.Binary;
using System.Net.Sockets;

namespace Pewter.Doors.Identity;

/// <summary>What the kernel knows of the process at the other end of a Unix socket (<c>SO_PEERCRED</c>, unix(7)).</summary>
internal static class PeerCredentials
{
    private const int SocketLevel = 1;
    private const int PeerCredentialsOption = 17;

    /// <summary>The peer as a caller of this machine.</summary>
    public static ConnectionPeer Identify(Socket socket, LocalCallers locals)
    {
        // struct ucred: pid, uid, gid.
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, credentials);
        var uid = BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..]);
        var gid = BinaryPrimitives.ReadUInt32LittleEndian(credentials[8..]);
        return new ConnectionPeer($"uid {uid}", locals.Find(uid, gid), MayActForOthers: uid == 0);
    }
}
