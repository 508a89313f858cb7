using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Files;

/// <summary>
/// A file mapped into memory to be handed to system calls, never to be read here: where the file was cut a call fails with EFAULT, but a
/// load in this process would end it with SIGBUS. Unmapped when disposed and no holder (<see cref="SafeHandle.DangerousAddRef"/>) is left.
/// </summary>
public sealed partial class FileMapping : SafeHandle
{
    private const int Readable = 1;
    private const int SharedMapping = 1;
    private volatile bool _isBroken;

    private FileMapping(nint start, long length)
        : base(-1, ownsHandle: true)
    {
        SetHandle(start);
        Length = length;
    }

    /// <summary>Bytes mapped.</summary>
    public long Length { get; }

    /// <summary>Whether a call failed on these bytes: the file was cut or its disk fails, and reading it tells which.</summary>
    public bool IsBroken => _isBroken;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>Maps a whole file to be read; null when it is empty or there is no room for it.</summary>
    public static FileMapping? TryCreate(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            nint start = length == 0 ? -1 : Libc.MemoryMap(0, (nuint)length, Readable, SharedMapping, (int)file.DangerousGetHandle(), 0);
            return start == -1 ? null : new FileMapping(start, length);
        }
        finally
        {
            if (held)
                file.DangerousRelease();
        }
    }

    /// <summary>The part of the file as a piece for <see cref="Sockets.SocketCalls.Send"/>. The caller holds the mapping until it was sent.</summary>
    public unsafe IoVector Piece(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new IoVector { Base = (byte*)handle + offset, Length = (nuint)length };
    }

    /// <summary>Notes that a call failed on these bytes.</summary>
    public void Distrust() => _isBroken = true;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Unmap(handle, (nuint)Length) == 0;

    [LibraryImport(Libc.Name, EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
