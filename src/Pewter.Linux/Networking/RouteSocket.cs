using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Networking;

/// <summary>A socket of rtnetlink(7), or of another family of netlink(7), in one network namespace. Used by one thread at a time.</summary>
internal sealed unsafe partial class RouteSocket : IDisposable
{
    private const int NetlinkFamily = 16;
    private const int RawCloseOnExec = 0x80003;
    private const int ErrorMessage = 2;
    private const int DoneMessage = 3;
    private const int HeaderBytes = 16;
    private const int ReplyBytes = 32 * 1024;

    private readonly SafeFileHandle _socket;
    private readonly byte[] _reply = new byte[ReplyBytes];
    private uint _number;

    /// <summary>Opens a socket in the namespace of the calling thread, where it stays.</summary>
    /// <param name="family">The netlink family: 0 for routes, 16 for generic netlink.</param>
    public RouteSocket(int family = 0) =>
        _socket = Descriptors.Own(LinuxException.Check(Create(NetlinkFamily, RawCloseOnExec, family), "create a netlink socket"));

    /// <summary>Sends a request and waits for the kernel's answer: 0, or the negative errno.</summary>
    public int Send(RouteRequest request) => Send(request, out _);

    /// <summary>Sends a request; a failure is an exception that says what was attempted.</summary>
    public void Do(RouteRequest request, string attempt)
    {
        var result = Send(request, out _);
        if (result < 0)
        {
            throw new LinuxException(-result, attempt);
        }
    }

    /// <summary>Sends a request whose answer may be a message; empty when there was none.</summary>
    public int Send(RouteRequest request, out ReadOnlyMemory<byte> answer)
    {
        answer = default;
        var number = ++_number;
        var written = Descriptors.Write(_socket.Number(), request.Finish(number));
        if (written < 0)
        {
            return written;
        }

        while (true)
        {
            var count = Descriptors.Read(_socket.Number(), _reply);
            if (count is -LinuxErrno.EINTR)
            {
                continue;
            }

            if (count < 0)
            {
                return count;
            }

            if (Judge(count, number, ref answer) is { } result)
            {
                return result;
            }
        }
    }

    /// <summary>Switches the offloading of transmit checksums (ETHTOOL_STXCSUM), which rtnetlink has no message for.</summary>
    public void SetTransmitChecksums(string name, bool isOn)
    {
        const nuint EthernetTool = 0x8946;
        const uint SetTransmitChecksum = 0x17;
        const int NameSize = 16;
        var value = stackalloc uint[2] { SetTransmitChecksum, isOn ? 1u : 0u };
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        System.Text.Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
        *(nint*)(request + NameSize) = (nint)value;
        LinuxException.Check(Libc.Ioctl(_socket.Number(), EthernetTool, (nint)request), $"set the checksums of interface {name}");
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private int? Judge(int count, uint number, ref ReadOnlyMemory<byte> answer)
    {
        for (var at = 0; at + HeaderBytes <= count;)
        {
            var message = _reply.AsSpan(at, count - at);
            var length = BinaryPrimitives.ReadInt32LittleEndian(message);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
            if (length < HeaderBytes || length > message.Length)
            {
                return -LinuxErrno.EINVAL;
            }

            if (BinaryPrimitives.ReadUInt32LittleEndian(message[8..]) == number)
            {
                switch (type)
                {
                    case ErrorMessage:
                        return BinaryPrimitives.ReadInt32LittleEndian(message[HeaderBytes..]);
                    case DoneMessage:
                        return 0;
                    default:
                        answer = message[HeaderBytes..length].ToArray();
                        break;
                }
            }

            at += (length + 3) & ~3;
        }

        return null;
    }

    [LibraryImport(Libc.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int type, int protocol);
}
