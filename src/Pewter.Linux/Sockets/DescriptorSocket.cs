using System.Runtime.InteropServices;

namespace Pewter.Linux.Sockets;

/// <summary>Unix sockets that carry descriptors from one process to another (unix(7), SCM_RIGHTS).</summary>
public static unsafe partial class DescriptorSocket
{
    /// <summary>The most descriptors that one message here carries.</summary>
    public const int MostDescriptors = 4;

    private const int UnixFamily = 1;
    private const int SequencedPacket = 5;
    private const int NonBlockingCloseOnExec = 0x80800;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x4000_0000;

    // struct cmsghdr on 64-bit: length, level, type, then the descriptors.
    private const int ControlHeader = 16;
    private const int ControlSpace = ControlHeader + (MostDescriptors * sizeof(int));

    /// <summary>Two connected sockets that keep messages apart and never make their user wait; both are the caller's to close.</summary>
    public static (int One, int Other) Pair()
    {
        var ends = stackalloc int[2];
        LinuxException.Check(SocketPair(UnixFamily, SequencedPacket | NonBlockingCloseOnExec, 0, ends), "make a pair of sockets");
        return (ends[0], ends[1]);
    }

    /// <summary>Sends bytes and copies of descriptors. Returns the count or the negative errno.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> data, params ReadOnlySpan<int> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostDescriptors);
        var control = stackalloc byte[ControlSpace];
        fixed (byte* start = data)
        {
            var piece = new Vector { Base = start, Length = (nuint)data.Length };
            var message = new Message { Pieces = &piece, PieceCount = 1 };
            if (descriptors.Length > 0)
            {
                var length = ControlHeader + (descriptors.Length * sizeof(int));
                *(nuint*)control = (nuint)length;
                *(int*)(control + 8) = SocketLevel;
                *(int*)(control + 12) = Rights;
                descriptors.CopyTo(new Span<int>(control + ControlHeader, descriptors.Length));
                message.Control = control;
                message.ControlLength = (nuint)((length + 7) & ~7);
            }

            var count = (int)SendMessage(socket, &message, NoSignal);
            return count >= 0 ? count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>
    /// Receives one message. Returns its length, 0 when the peer has closed, or the negative errno. Each received descriptor is the caller's to
    /// close; a message with none leaves the first of <paramref name="descriptors"/> at -1.
    /// </summary>
    public static int Receive(int socket, Span<byte> buffer, Span<int> descriptors)
    {
        descriptors.Fill(-1);
        var control = stackalloc byte[ControlSpace];
        fixed (byte* start = buffer)
        {
            var piece = new Vector { Base = start, Length = (nuint)buffer.Length };
            var message = new Message { Pieces = &piece, PieceCount = 1, Control = control, ControlLength = ControlSpace };
            var count = (int)ReceiveMessage(socket, &message, CloseOnExec);
            if (count < 0)
            {
                return -Marshal.GetLastPInvokeError();
            }

            if (message.ControlLength >= ControlHeader && *(int*)(control + 8) == SocketLevel && *(int*)(control + 12) == Rights)
            {
                var received = ((int)*(nuint*)control - ControlHeader) / sizeof(int);
                Keep(new ReadOnlySpan<int>(control + ControlHeader, received), descriptors);
            }

            return count;
        }
    }

    private static void Keep(ReadOnlySpan<int> received, Span<int> wanted)
    {
        for (var i = 0; i < received.Length; i++)
        {
            if (i < wanted.Length)
            {
                wanted[i] = received[i];
            }
            else
            {
                Descriptors.Close(received[i]);
            }
        }
    }

    [LibraryImport(Libc.Name, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int family, int type, int protocol, int* ends);

    [LibraryImport(Libc.Name, EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(int socket, Message* message, int flags);

    [LibraryImport(Libc.Name, EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(int socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    // struct msghdr on 64-bit.
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Pieces;
        public nuint PieceCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
