using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Polling;

/// <summary>A descriptor that one thread makes readable to wake another (eventfd(2)).</summary>
public sealed partial class EventCounter : IDisposable
{
    private const int CloseOnExecNonBlocking = 0x80800;

    private readonly SafeFileHandle _handle =
        Descriptors.Own(LinuxException.Check(Create(0, CloseOnExecNonBlocking), "create an event descriptor"));

    /// <summary>The descriptor to wait for.</summary>
    public int Descriptor => _handle.Number();

    /// <summary>Makes it readable.</summary>
    public void Signal()
    {
        Span<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        _ = Descriptors.Write(Descriptor, one);
    }

    /// <summary>Makes it unreadable again.</summary>
    public void Clear()
    {
        Span<byte> count = stackalloc byte[8];
        _ = Descriptors.Read(Descriptor, count);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    [LibraryImport(Libc.Name, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Create(uint initial, int flags);
}
