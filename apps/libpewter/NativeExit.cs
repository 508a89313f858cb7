using System.Runtime.InteropServices;
using System.Text;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.Native;

/// <summary><c>struct pewter_exit</c> of pewter.h, byte for byte.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeExit
{
    private const int NoteBytes = 256;
    private const int SignalBase = 128;

    public nuint Size;
    public long Process;
    public int Cause;
    public int ShellCode;
    public int Code;
    public int Signal;
    public long UserMicroseconds;
    public long SystemMicroseconds;
    public long PeakMemory;
    public long Dropped;
    public fixed byte Note[NoteBytes];

    /// <summary>Bytes of the caller's struct, by which an array of them is walked.</summary>
    internal static int SizeOf(nint pointer) => *(nuint*)pointer is var size && size >= (nuint)(2 * sizeof(long)) && size <= 1 << 16
        ? (int)size
        : throw new FileException(Errno.EINVAL, "struct pewter_exit: set its size to sizeof(struct pewter_exit).");

    /// <summary>Fills a caller's struct, as much as it has room for; nothing for null.</summary>
    internal static void Write(nint pointer, long process, ExitResult exit)
    {
        if (pointer == 0)
        {
            return;
        }

        var size = SizeOf(pointer);
        var native = new NativeExit
        {
            Size = (nuint)size,
            Process = process,
            Cause = (int)exit.Cause,
            ShellCode = exit.ShellCode,
            Code = exit.Code ?? -1,
            Signal = exit.Signal is not null ? Math.Max(0, exit.ShellCode - SignalBase) : 0,
            UserMicroseconds = (long)exit.UserTime.TotalMicroseconds,
            SystemMicroseconds = (long)exit.SystemTime.TotalMicroseconds,
            PeakMemory = exit.PeakMemoryBytes,
            Dropped = exit.DroppedBytes,
        };
        Encoding.UTF8.TryGetBytes(exit.Note.AsSpan(0, Math.Min(exit.Note.Length, 60)), new Span<byte>(native.Note, NoteBytes - 1), out _);
        new ReadOnlySpan<byte>(&native, Math.Min(size, sizeof(NativeExit))).CopyTo(new Span<byte>((void*)pointer, size));
    }
}
