using System.Runtime.InteropServices;
using System.Text;

namespace Pewter.Linux.Sockets;

/// <summary>The few interface settings that need no netlink.</summary>
public static unsafe partial class NetworkInterface
{
    private const int InternetFamily = 2;
    private const int DatagramCloseOnExec = 0x80002;
    private const nuint GetFlags = 0x8913;
    private const nuint SetFlags = 0x8914;
    private const nuint GetAddressRequest = 0x8915;
    private const nuint SetAddressRequest = 0x8916;
    private const nuint SetMaskRequest = 0x891C;
    private const nuint SetHardwareRequest = 0x8924;
    private const nuint AddRouteRequest = 0x890B;
    private const short Up = 1;
    private const int NameSize = 16;
    private const ushort RouteUp = 1;
    private const ushort RouteGateway = 2;
    private const int RouteSize = 120;

    /// <summary>
    /// Brings an interface of the calling thread's network namespace up; a new namespace's loopback is down.
    /// </summary>
    public static void BringUp(string name) => ChangeFlags(name, flags => (short)(flags | Up), "bring", "up");

    /// <summary>Takes an interface down: its addresses and routes go with it.</summary>
    public static void TakeDown(string name) => ChangeFlags(name, flags => (short)(flags & ~Up), "take", "down");

    /// <summary>Gives an Ethernet interface another hardware address.</summary>
    public static void SetHardwareAddress(string name, ReadOnlySpan<byte> address)
    {
        const short Ethernet = 1;
        var bytes = address.ToArray();
        Request(name, SetHardwareRequest, $"set the hardware address of {name}", field =>
        {
            BitConverter.TryWriteBytes(field, Ethernet);
            bytes.CopyTo(field[2..]);
        });
    }

    /// <summary>Gives an interface its IPv4 address and the network around it; any other address goes.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="address">Four bytes.</param>
    /// <param name="prefix">Bits of the network.</param>
    public static void SetAddress(string name, ReadOnlySpan<byte> address, int prefix)
    {
        var bytes = address.ToArray();
        var mask = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(mask, prefix == 0 ? 0 : uint.MaxValue << (32 - prefix));
        Request(name, SetAddressRequest, $"set the address of {name}", field => WriteAddress(field, bytes));
        Request(name, SetMaskRequest, $"set the network of {name}", field => WriteAddress(field, mask));
    }

    /// <summary>The first IPv4 address of an interface, four bytes; null when it has none.</summary>
    public static byte[]? Address(string name)
    {
        const int NoAddress = 99;
        using var socket = Descriptors.Own(LinuxException.Check(Create(InternetFamily, DatagramCloseOnExec, 0), "create a socket"));
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
        return Libc.Ioctl(socket.Number(), GetAddressRequest, (nint)request) >= 0 ? new Span<byte>(request + NameSize + 4, 4).ToArray()
            : Marshal.GetLastPInvokeError() == NoAddress ? null
            : throw LinuxException.Last($"ask for the address of {name}");
    }

    /// <summary>Sends what is for no other network to a gateway.</summary>
    public static void SetGateway(ReadOnlySpan<byte> gateway)
    {
        const int Exists = 17;
        using var socket = Descriptors.Own(LinuxException.Check(Create(InternetFamily, DatagramCloseOnExec, 0), "create a socket"));
        var route = stackalloc byte[RouteSize];
        var fields = new Span<byte>(route, RouteSize);
        fields.Clear();
        WriteAddress(fields[8..], [0, 0, 0, 0]);
        WriteAddress(fields[24..], gateway);
        WriteAddress(fields[40..], [0, 0, 0, 0]);
        BitConverter.TryWriteBytes(fields[56..], (ushort)(RouteUp | RouteGateway));
        if (Libc.Ioctl(socket.Number(), AddRouteRequest, (nint)route) < 0 && Marshal.GetLastPInvokeError() != Exists)
        {
            throw LinuxException.Last("set the gateway");
        }
    }

    private delegate void Fill(Span<byte> field);

    private static void Request(string name, nuint number, string attempt, Fill fill)
    {
        using var socket = Descriptors.Own(LinuxException.Check(Create(InternetFamily, DatagramCloseOnExec, 0), "create a socket"));
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
        fill(new Span<byte>(request + NameSize, 24));
        LinuxException.Check(Libc.Ioctl(socket.Number(), number, (nint)request), attempt);
    }

    private static void WriteAddress(Span<byte> field, ReadOnlySpan<byte> address)
    {
        BitConverter.TryWriteBytes(field, (short)InternetFamily);
        address.CopyTo(field[4..]);
    }

    private static void ChangeFlags(string name, Func<short, short> change, string verb, string direction)
    {
        using var socket = Descriptors.Own(LinuxException.Check(Create(InternetFamily, DatagramCloseOnExec, 0), "create a socket"));
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
        LinuxException.Check(Libc.Ioctl(socket.Number(), GetFlags, (nint)request), $"look at interface {name}");
        *(short*)(request + NameSize) = change(*(short*)(request + NameSize));
        LinuxException.Check(Libc.Ioctl(socket.Number(), SetFlags, (nint)request), $"{verb} interface {name} {direction}");
    }

    [LibraryImport(Libc.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int type, int protocol);
}
