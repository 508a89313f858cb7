namespace Pewter.Machines.Nodes.Splices;

/// <summary>Limits of splices between machines.</summary>
internal static class SpliceLimits
{
    /// <summary>4 MiB: bytes of one splice that may be on their way. A line of 10 Gbit/s and 3 ms is kept busy by them.</summary>
    public const int Window = 4 << 20;

    /// <summary>256 KiB: bytes of one frame at most, so that a word between two of them waits a millisecond on such a line.</summary>
    public const int Piece = 256 << 10;

    /// <summary>1 KiB: a word between the agents; the longest has a sentence.</summary>
    public const int Word = 1024;

    /// <summary>8: addresses that are offered. A machine with more has them for other things.</summary>
    public const int Addresses = 8;

    /// <summary>16: handshakes with strangers at one offer at once; others wait in the kernel.</summary>
    public const int Handshakes = 16;

    /// <summary>256: splices of one machine with others at once; each holds two windows at most.</summary>
    public const int Splices = 256;

    /// <summary>10 s: how long an offer stands. It is taken at once, or there is no route.</summary>
    public static readonly TimeSpan Offer = TimeSpan.FromSeconds(10);

    /// <summary>1.5 s: to connect and shake hands; then there is no route, and another way is taken.</summary>
    public static readonly TimeSpan Connect = TimeSpan.FromMilliseconds(1500);

    /// <summary>400 ms: how often each end says that it is there.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(400);

    /// <summary>1.5 s: silence after which the connection is broken, so that both ends know within two.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(1500);
}
