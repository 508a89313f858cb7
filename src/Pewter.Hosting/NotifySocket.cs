using System.Net.Sockets;
using System.Text;

namespace Pewter.Hosting;

/// <summary>Tells the service manager how the daemon is (sd_notify(3)); nothing when none asked.</summary>
public static class NotifySocket
{
    /// <summary>Sends states such as <c>READY=1</c> to the socket that the manager named.</summary>
    /// <param name="address">The value of <c>NOTIFY_SOCKET</c>; null or empty when there is no manager.</param>
    /// <param name="state">Lines of assignments.</param>
    public static void Notify(string? address, string state)
    {
        if (string.IsNullOrEmpty(address))
        {
            return;
        }

        // '@' stands for the NUL of the abstract namespace.
        var path = address[0] == '@' ? "\0" + address[1..] : address;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // The manager went away; the daemon does not need it.
        }
    }
}
