using System.Runtime.InteropServices;

namespace Pewter.Linux.Machine;

/// <summary>
/// Memory of the kernel's pages, outside the collected heap: it takes room only where it was touched, lies still for system calls, and goes
/// back whole when disposed. Whoever disposes it uses it no more.
/// </summary>
public sealed unsafe partial class PageMemory : IDisposable
{
    private const int ReadableWritable = 3;
    private const int PrivateAnonymous = 0x22;
    private readonly int _length;
    private nint _start;

    /// <summary>Takes memory, zeroed at its first use.</summary>
    /// <param name="length">Bytes.</param>
    public PageMemory(int length)
    {
        _start = Libc.MemoryMap(0, (nuint)length, ReadableWritable, PrivateAnonymous, -1, 0);
        if (_start == -1)
            throw LinuxException.Last($"map {length} bytes of memory");
        _length = length;
    }

    /// <summary>All of it.</summary>
    public Span<byte> Span => new((void*)_start, _length);

    /// <summary>Its first byte.</summary>
    public byte* Start => (byte*)_start;

    /// <inheritdoc/>
    public void Dispose()
    {
        nint start = Interlocked.Exchange(ref _start, 0);
        if (start != 0)
            _ = Unmap(start, (nuint)_length);
    }

    [LibraryImport(Libc.Name, EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
