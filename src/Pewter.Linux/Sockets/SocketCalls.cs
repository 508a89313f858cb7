using System.Runtime.InteropServices;
using Pewter.Linux.Files;

namespace Pewter.Linux.Sockets;

/// <summary>Calls on sockets that .NET has no face for. Each returns what the call returned, or the negative errno; none allocates.</summary>
public static unsafe partial class SocketCalls
{
    private const int NoSignal = 0x4000;
    private const int NoWait = 0x40;

    /// <summary>Sends pieces as if they were one; may send fewer bytes. EFAULT (-14) when a piece lies in a mapped file that was cut.</summary>
    public static long Send(SafeHandle socket, ReadOnlySpan<IoVector> pieces)
    {
        fixed (IoVector* first = pieces)
        {
            var message = new Message { Pieces = first, PieceCount = (nuint)pieces.Length };
            nint sent = SendMessage(socket, &message, NoSignal);
            return sent >= 0 ? sent : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Receives what has come; EAGAIN (-11) when nothing has, 0 at the end.</summary>
    public static long ReceiveNoWait(SafeHandle socket, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count = Receive(socket, start, (nuint)buffer.Length, NoWait);
            return count >= 0 ? count : -Marshal.GetLastPInvokeError();
        }
    }

    [LibraryImport(Libc.Name, EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeHandle socket, byte* buffer, nuint count, int flags);

    [LibraryImport(Libc.Name, EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, Message* message, int flags);

    /// <summary><c>struct msghdr</c> of 64-bit Linux.</summary>
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
