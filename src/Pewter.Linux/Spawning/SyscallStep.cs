using System.Runtime.InteropServices;

namespace Pewter.Linux.Spawning;

/// <summary>One system call that the child makes between clone and exec. The layout is known to <see cref="SpawnStub"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SyscallStep
{
    public nint Number;
    public nint A;
    public nint B;
    public nint C;
    public nint D;
    public nint E;
    public nint F;

    /// <summary>1 when a failure is not the end.</summary>
    public nint MayFail;

    /// <summary>What the call returned; filled by the child.</summary>
    public nint Result;
}
