using System.Text;
using Pewter.Linux.Namespaces;

namespace Pewter.Linux.Networking;

/// <summary>Taps: interfaces whose other end is a program such as QEMU. Kept without a program too, until they are removed.</summary>
public static unsafe class TapDevice
{
    private const int OpenReadWrite = 2;
    private const nuint SetInterface = 0x400454ca;
    private const nuint SetPersistent = 0x400454cb;
    private const int NameSize = 16;
    private const short Tap = 0x0002;
    private const short NoHeader = 0x1000;
    private const short MultipleQueues = 0x0100;

    /// <summary>Makes a tap in a namespace.</summary>
    /// <param name="network">The path of the namespace.</param>
    /// <param name="name">The interface, at most 15 letters.</param>
    /// <param name="queues">More than 1: a program may open it that often, and must ask for several queues.</param>
    public static void Create(string network, string name, int queues)
    {
        using var handle = NamespaceHandle.OpenFile(network);
        NamespaceHandle.Run(handle, () =>
        {
            using var device = Descriptors.Own(Descriptors.Open("/dev/net/tun", OpenReadWrite));
            var request = stackalloc byte[40];
            new Span<byte>(request, 40).Clear();
            Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
            *(short*)(request + NameSize) = (short)(Tap | NoHeader | (queues > 1 ? MultipleQueues : 0));
            LinuxException.Check(Libc.Ioctl(device.Number(), SetInterface, (nint)request), $"make tap {name}");
            LinuxException.Check(Libc.Ioctl(device.Number(), SetPersistent, 1), $"keep tap {name}");
            return true;
        });
    }
}
