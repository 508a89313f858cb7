using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux;
using Pewter.Linux.Files;
using Pewter.Linux.Namespaces;

namespace Pewter.Blocks.Exports;

/// <summary>Makes sockets in other network namespaces, where they stay.</summary>
public static class NetworkSockets
{
    /// <summary>A socket for streams, bound at an address of the namespace.</summary>
    /// <exception cref="IOException">The namespace is not there.</exception>
    public static Socket Bind(string network, IPEndPoint address)
    {
        try
        {
            using SafeFileHandle handle = NamespaceHandle.OpenFile(network);
            Socket socket = NamespaceHandle.Run(handle, () => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            try
            {
                socket.Bind(address);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                throw;
            }
        }
        catch (LinuxException missing)
        {
            throw new IOException(missing.Message, missing);
        }
    }

    /// <summary>The namespace's number, by which one is told from a later one at the same path; null when there is none.</summary>
    public static ulong? NumberOf(string network)
    {
        try
        {
            using SafeFileHandle handle = NamespaceHandle.OpenFile(network);
            return FileStatus.Of(handle).Inode;
        }
        catch (LinuxException)
        {
            return null;
        }
    }
}
