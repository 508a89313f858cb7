using System.Runtime.InteropServices;

namespace Pewter.Linux.Pipes;

/// <summary>Moves bytes between descriptors inside the kernel; one of the two is a pipe (splice(2)).</summary>
public static partial class Splice
{
    private const uint Move = 1;
    private const uint DoNotWait = 2;

    /// <summary>Moves up to <paramref name="count"/> bytes. Returns how many, 0 at the end, or the negative errno.</summary>
    public static int Transfer(int source, int target, int count, bool wait = true)
    {
        var moved = SpliceCall(source, 0, target, 0, (nuint)count, wait ? Move : Move | DoNotWait);
        return moved >= 0 ? (int)moved : -Marshal.GetLastPInvokeError();
    }

    [LibraryImport(Libc.Name, EntryPoint = "splice", SetLastError = true)]
    private static partial nint SpliceCall(int source, nint sourceOffset, int target, nint targetOffset, nuint count, uint flags);
}
