using System.Runtime.InteropServices;

namespace Pewter.Linux.Memory;

/// <summary>
/// A mapping of a descriptor's memory in which some parts may appear twice in a row, so that what runs over the end of
/// a ring can be read and written in one piece.
/// </summary>
public sealed unsafe partial class MemoryMap : IDisposable
{
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymousNoReserve = 0x2 | 0x20 | 0x4000;
    private const int SharedFixed = 0x1 | 0x10;

    private readonly nuint _length;
    private nint _address;

    /// <summary>Maps parts one after the other.</summary>
    /// <param name="descriptor">Of memory, or of a device's memory.</param>
    /// <param name="parts">Where each begins in the descriptor, and how long it is: whole pages.</param>
    public MemoryMap(int descriptor, params ReadOnlySpan<(long Offset, long Length)> parts)
    {
        foreach (var (_, length) in parts)
        {
            _length += (nuint)length;
        }

        _address = LinuxException.Check(Libc.MemoryMap(0, _length, NoAccess, PrivateAnonymousNoReserve, -1, 0), "reserve addresses");
        var at = _address;
        foreach (var (offset, length) in parts)
        {
            if (Libc.MemoryMap(at, (nuint)length, ReadWrite, SharedFixed, descriptor, (nint)offset) != at)
            {
                var failure = LinuxException.Last("map shared memory");
                Dispose();
                throw failure;
            }

            at += (nint)length;
        }
    }

    /// <summary>Unmaps what nobody refers to any more.</summary>
    ~MemoryMap() => Release();

    /// <summary>Where it begins.</summary>
    public byte* Start => (byte*)_address;

    /// <summary>Unmaps. Nobody may look at it any more.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_address != 0)
        {
            _ = Unmap(_address, _length);
            _address = 0;
        }
    }

    [LibraryImport(Libc.Name, EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
