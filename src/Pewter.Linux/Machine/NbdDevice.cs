using System.Buffers.Binary;
using Pewter.Linux.Networking;

namespace Pewter.Linux.Machine;

/// <summary>
/// Block devices of the kernel's NBD client, by its generic netlink family (linux/nbd-netlink.h). The kernel speaks over the socket by itself; no
/// process has to stay. Requests that are under way when the connection is lost wait for the next.
/// </summary>
public static class NbdDevice
{
    private const int GenericNetlink = 16;
    private const ushort Controller = 16;
    private const byte GetFamily = 3;
    private const byte ConnectCommand = 1;
    private const byte ReconfigureCommand = 3;
    private const ushort Index = 1, SizeBytes = 2, BlockBytes = 3, Timeout = 4, ServerFlags = 5, Sockets = 7, DeadTimeout = 8;
    private const ulong RequestSeconds = 0;

    /// <summary>Makes a device, <c>/dev/nbdINDEX</c>, of a connection whose handshake is over.</summary>
    /// <param name="index">Which.</param>
    /// <param name="socket">The connected socket.</param>
    /// <param name="size">Bytes of the export.</param>
    /// <param name="flags">The export's transmission flags, as its server sent them.</param>
    /// <param name="patience">How long requests wait for another connection when this one is lost.</param>
    public static void Connect(int index, int socket, long size, ushort flags, TimeSpan patience)
    {
        // Tables of partitions count in the disk's own sectors, which are those of the image.
        const ulong Block = 512;
        using var netlink = new RouteSocket(GenericNetlink);
        var request = Request(netlink, ConnectCommand)
            .Number(Index, index)
            .Attribute(SizeBytes, Long((ulong)size))
            .Attribute(BlockBytes, Long(Block))
            .Attribute(Timeout, Long(RequestSeconds))
            .Attribute(ServerFlags, Long(flags))
            .Attribute(DeadTimeout, Long((ulong)patience.TotalSeconds));
        netlink.Do(WithSocket(request, socket), $"make the block device nbd{index}");
    }

    /// <summary>Gives a device whose connection was lost another one; what waited is sent again over it.</summary>
    public static void Reconnect(int index, int socket)
    {
        using var netlink = new RouteSocket(GenericNetlink);
        netlink.Do(WithSocket(Request(netlink, ReconfigureCommand).Number(Index, index), socket), $"connect the block device nbd{index} again");
    }

    private static RouteRequest Request(RouteSocket netlink, byte command) => new(Family(netlink), RouteRequest.Plain, [command, 1, 0, 0]);

    private static RouteRequest WithSocket(RouteRequest request, int socket)
    {
        const ushort Nested = 0x8000, Item = 1, Descriptor = 1;
        return request.Nested(
            Sockets | Nested, list => list.Nested(Item | Nested, item => item.Number(Descriptor, socket)));
    }

    private static ushort Family(RouteSocket netlink)
    {
        const ushort FamilyId = 1, FamilyName = 2;
        const int Header = 4;
        var result = netlink.Send(new RouteRequest(Controller, RouteRequest.Plain, [GetFamily, 1, 0, 0]).Text(FamilyName, "nbd"), out var answer);
        if (result < 0)
        {
            throw new LinuxException(-result, "find the kernel's NBD client, the module nbd,");
        }

        for (var at = Header; at + 4 <= answer.Length;)
        {
            var attribute = answer.Span[at..];
            var length = BinaryPrimitives.ReadUInt16LittleEndian(attribute);
            if (BinaryPrimitives.ReadUInt16LittleEndian(attribute[2..]) == FamilyId)
            {
                return BinaryPrimitives.ReadUInt16LittleEndian(attribute[4..]);
            }

            at += Math.Max(4, (length + 3) & ~3);
        }

        throw new LinuxException(LinuxErrno.ENOENT, "find the kernel's NBD client");
    }

    private static byte[] Long(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
