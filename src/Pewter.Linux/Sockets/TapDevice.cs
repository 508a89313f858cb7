using System.Text;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Namespaces;

namespace Pewter.Linux.Sockets;

/// <summary>
/// Opens tap devices: the end of an Ethernet cable that a program holds (Documentation/networking/tuntap.rst).
/// </summary>
public static unsafe class TapDevice
{
    private const string Device = "/dev/net/tun";
    private const int OpenReadWriteNonBlocking = 0x802;
    private const nuint SetInterface = 0x400454CA;
    private const short Tap = 2;
    private const short NoPacketInfo = 0x1000;
    private const int NameSize = 16;

    /// <summary>
    /// Opens the tap of this name in a network namespace, which must be there already and not be open.
    /// </summary>
    /// <param name="networkNamespace">The path that the namespace is bound to; null: the caller's own.</param>
    /// <param name="name">The interface.</param>
    public static SafeFileHandle Open(string? networkNamespace, string name)
    {
        if (networkNamespace is null)
        {
            return Open(name);
        }

        using var handle = NamespaceHandle.OpenFile(networkNamespace);
        return NamespaceHandle.Run(handle, () => Open(name));
    }

    private static SafeFileHandle Open(string name)
    {
        var file = Descriptors.Own(Descriptors.Open(Device, OpenReadWriteNonBlocking));
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
        *(short*)(request + NameSize) = Tap | NoPacketInfo;
        try
        {
            LinuxException.Check(Libc.Ioctl(file.Number(), SetInterface, (nint)request), $"open the tap {name}");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
