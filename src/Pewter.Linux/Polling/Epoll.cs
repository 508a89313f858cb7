using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Polling;

/// <summary>Waits for many descriptors at once (epoll(7)). One thread waits; any thread may add and remove.</summary>
public sealed unsafe partial class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int AddOperation = 1;
    private const int RemoveOperation = 2;
    private const int ModifyOperation = 3;

    private readonly SafeFileHandle _handle;

    /// <summary>Creates an empty set.</summary>
    public Epoll() => _handle = Descriptors.Own(LinuxException.Check(Create(CloseOnExec), "create an epoll set"));

    /// <summary>Adds a descriptor; <paramref name="tag"/> comes back with its events.</summary>
    public void Add(int descriptor, EpollEvents events, ulong tag) => Control(AddOperation, descriptor, events, tag);

    /// <summary>Changes what is waited for.</summary>
    public void Modify(int descriptor, EpollEvents events, ulong tag) => Control(ModifyOperation, descriptor, events, tag);

    /// <summary>Removes a descriptor. Does nothing when it is not there.</summary>
    public void Remove(int descriptor)
    {
        EpollEvent none = default;
        _ = ControlCall(_handle.Number(), RemoveOperation, descriptor, &none);
    }

    /// <summary>Waits for events and returns how many there are; 0 after the timeout or a signal.</summary>
    /// <param name="events">Room for the events.</param>
    /// <param name="timeout">How long at most; negative: as long as it takes.</param>
    public int Wait(Span<EpollEvent> events, TimeSpan timeout)
    {
        var milliseconds = timeout < TimeSpan.Zero ? -1 : (int)Math.Min(int.MaxValue, Math.Ceiling(timeout.TotalMilliseconds));
        fixed (EpollEvent* start = events)
        {
            var count = WaitCall(_handle.Number(), start, events.Length, milliseconds);
            return count >= 0 || Marshal.GetLastPInvokeError() == LinuxErrno.EINTR
                ? Math.Max(count, 0)
                : throw LinuxException.Last("wait for events");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private void Control(int operation, int descriptor, EpollEvents events, ulong tag)
    {
        var change = new EpollEvent { Events = events, Tag = tag };
        LinuxException.Check(ControlCall(_handle.Number(), operation, descriptor, &change), "wait for a descriptor");
    }

    [LibraryImport(Libc.Name, EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport(Libc.Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int ControlCall(int epoll, int operation, int descriptor, EpollEvent* change);

    [LibraryImport(Libc.Name, EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int WaitCall(int epoll, EpollEvent* events, int capacity, int timeout);
}
