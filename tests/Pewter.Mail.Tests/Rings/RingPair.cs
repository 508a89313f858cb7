using Microsoft.Win32.SafeHandles;
using Pewter.Linux;
using Pewter.Linux.Memory;
using Pewter.Linux.Sockets;
using System.Net.Sockets;

namespace Pewter.Mail.Tests.Rings;

/// <summary>
/// Two offices with a ring between them, as if each were a process of its own: each has mapped the segment for itself.
/// </summary>
internal sealed class RingPair : IAsyncDisposable
{
    private readonly SafeFileHandle _memory = SharedMemory.Create("pewter-ring-test", RingLayout.SegmentBytes);
    private readonly Socket[] _ends;

    internal RingPair(MailLimits? limits = null)
    {
        var options = new PostOfficeOptions { Node = 5, Limits = limits ?? MailLimits.Default };
        (A, B) = (new PostOffice(options), new PostOffice(options));
        var (one, other) = SocketPair.Create();
        _ends = [Take(one), Take(other)];
        RingOfA = A.AddRing(B.Address, Map(), 0, _ends[0]);
        RingOfB = B.AddRing(A.Address, Map(), 1, _ends[1]);
    }

    internal PostOffice A { get; }

    internal PostOffice B { get; }

    internal RingLink RingOfA { get; }

    internal RingLink RingOfB { get; }

    internal MemoryMap Map() => new(_memory.Number(), RingLayout.Parts(0));

    /// <summary>
    /// What the death of B looks like to A: its end of the socket is closed, and nothing of it runs any more.
    /// </summary>
    internal void KillB()
    {
        RingOfB.Close();
        _ends[1].Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
        _memory.Dispose();
    }

    private static Socket Take(SafeFileHandle handle)
    {
        var socket = new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: true));
        handle.SetHandleAsInvalid();
        return socket;
    }
}
