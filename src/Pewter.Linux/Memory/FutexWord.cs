using System.Runtime.InteropServices;

namespace Pewter.Linux.Memory;

/// <summary>A word to sleep on, and the value that it must have for that (struct futex_waitv).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct FutexWord
{
    private const uint Word32 = 2;

    private readonly ulong _value;
    private readonly ulong _address;
    private readonly uint _flags;
    private readonly uint _reserved;

    /// <summary>Creates one.</summary>
    /// <param name="address">Where the 32-bit word is.</param>
    /// <param name="value">Its value while one sleeps.</param>
    public FutexWord(nint address, int value) => (_value, _address, _flags, _reserved) = ((uint)value, (ulong)address, Word32, 0);
}
