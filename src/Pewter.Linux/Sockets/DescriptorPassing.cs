using System.Runtime.InteropServices;

namespace Pewter.Linux.Sockets;

/// <summary>Bytes of a Unix socket together with descriptors (SCM_RIGHTS, unix(7)).</summary>
public static unsafe partial class DescriptorPassing
{
    /// <summary>Descriptors that go with one piece of bytes at most.</summary>
    public const int DescriptorsMax = 8;

    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x40000000;
    private const int HeaderBytes = 16;

    /// <summary>
    /// Sends bytes and descriptors, which stay the caller's. Returns the count of bytes or the negative errno.
    /// </summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, DescriptorsMax);
        var control = stackalloc byte[HeaderBytes + (DescriptorsMax * sizeof(int))];
        fixed (byte* start = bytes)
        {
            var piece = new Piece { Start = start, Length = (nuint)bytes.Length };
            var message = new Message { Pieces = &piece, PieceCount = 1 };
            if (descriptors.Length > 0)
            {
                *(nuint*)control = (nuint)(HeaderBytes + (descriptors.Length * sizeof(int)));
                *(int*)(control + 8) = SocketLevel;
                *(int*)(control + 12) = Rights;
                descriptors.CopyTo(new Span<int>(control + HeaderBytes, descriptors.Length));
                message.Control = control;
                message.ControlLength = (nuint)((HeaderBytes + (descriptors.Length * sizeof(int)) + 7) & ~7);
            }

            var count = (int)SendCall(socket, &message, NoSignal);
            return count >= 0 ? count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>
    /// Receives bytes, and the descriptors that came with them, which are the caller's from now on. Returns the count,
    /// 0 at the end, or the negative errno.
    /// </summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">Room for bytes.</param>
    /// <param name="descriptors">Where descriptors are added; all that come are.</param>
    public static int Receive(int socket, Span<byte> bytes, ICollection<int> descriptors)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        const int ControlBytes = 256;
        var control = stackalloc byte[ControlBytes];
        fixed (byte* start = bytes)
        {
            var piece = new Piece { Start = start, Length = (nuint)bytes.Length };
            var message = new Message { Pieces = &piece, PieceCount = 1, Control = control, ControlLength = ControlBytes };
            var count = (int)ReceiveCall(socket, &message, CloseOnExec);
            if (count < 0)
            {
                return -Marshal.GetLastPInvokeError();
            }

            for (nuint at = 0; at + HeaderBytes <= message.ControlLength;)
            {
                var length = *(nuint*)(control + at);
                if (length < HeaderBytes || at + length > message.ControlLength)
                {
                    break;
                }

                if (*(int*)(control + at + 8) == SocketLevel && *(int*)(control + at + 12) == Rights)
                {
                    foreach (var descriptor in new ReadOnlySpan<int>(control + at + HeaderBytes, (int)(length - HeaderBytes) / sizeof(int)))
                    {
                        descriptors.Add(descriptor);
                    }
                }

                at += (length + 7) & ~(nuint)7;
            }

            return count;
        }
    }

    [LibraryImport(Libc.Name, EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendCall(int socket, Message* message, int flags);

    [LibraryImport(Libc.Name, EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveCall(int socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Piece
    {
        internal byte* Start;
        internal nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        internal void* Name;
        internal uint NameLength;
        internal Piece* Pieces;
        internal nuint PieceCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }
}
