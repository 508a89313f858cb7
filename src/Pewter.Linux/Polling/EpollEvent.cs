using System.Runtime.InteropServices;

namespace Pewter.Linux.Polling;

/// <summary>What to wait for, and what happened.</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Errors and hang-ups only, which are always told.</summary>
    None = 0,

    /// <summary>Readable.</summary>
    Input = 1,

    /// <summary>Writable.</summary>
    Output = 4,

    /// <summary>An error; on the writing end of a pipe: the reader is gone.</summary>
    Error = 8,

    /// <summary>Hung up.</summary>
    HangUp = 0x10,

    /// <summary>The peer sends nothing any more.</summary>
    PeerClosed = 0x2000,

    /// <summary>Told once, until it is asked for again.</summary>
    OneShot = 1u << 30,

    /// <summary>Told on changes only.</summary>
    EdgeTriggered = 1u << 31,
}

/// <summary>One event. Packed, as x86-64 has it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public record struct EpollEvent
{
    /// <summary>What happened.</summary>
    public EpollEvents Events;

    /// <summary>The tag given when the descriptor was added.</summary>
    public ulong Tag;
}
