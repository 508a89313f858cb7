using System.Collections.Concurrent;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// What a session receives into and gathers answers in, kept for the next one: clients come and go, and memory that is pinned is slow to be
/// collected. Rented by a session and returned when it has ended.
/// </summary>
internal sealed class NbdBuffers
{
    /// <summary>Requests of one receive: thousands of reads, or the largest write that a guest's page cache sends at once.</summary>
    public const int ReceiveBytes = 128 << 10;

    /// <summary>Answers of one send that are not sent from where they lie.</summary>
    public const int ReplyBytes = 256 << 10;

    // A burst of connections leaves at most 24 MiB behind.
    private const int MaxKept = 64;
    private readonly ConcurrentBag<(byte[] Received, byte[] Replies)> _kept = [];

    public (byte[] Received, byte[] Replies) Rent() => _kept.TryTake(out (byte[] Received, byte[] Replies) pair)
        ? pair
        : (GC.AllocateUninitializedArray<byte>(ReceiveBytes, pinned: true), GC.AllocateUninitializedArray<byte>(ReplyBytes, pinned: true));

    public void Return((byte[] Received, byte[] Replies) pair)
    {
        if (_kept.Count < MaxKept)
            _kept.Add(pair);
    }
}
