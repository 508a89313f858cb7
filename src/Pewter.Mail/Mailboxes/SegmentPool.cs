namespace Pewter.Mail;

/// <summary>
/// Segments that no queue holds. Bounded: what is beyond is left to the collector. Safe to call from any thread.
/// </summary>
internal static class SegmentPool
{
    // 16 MiB of large ones, and small ones for a few thousand mailboxes that are busy at the same time.
    private static readonly Stack Large = new(256, QueueSegment.LargeBytes);
    private static readonly Stack Small = new(4096, QueueSegment.SmallBytes);

    internal static QueueSegment Rent(bool large) => (large ? Large : Small).Rent();

    internal static void Return(QueueSegment segment) => (segment.IsSmall ? Small : Large).Return(segment);

    private sealed class Stack(int most, int bytes)
    {
        private readonly QueueSegment?[] _free = new QueueSegment?[most];
        private SpinGate _gate;
        private int _count;

        internal QueueSegment Rent()
        {
            QueueSegment? segment = null;
            _gate.Enter();
            if (_count > 0)
            {
                segment = _free[--_count];
                _free[_count] = null;
            }

            _gate.Exit();
            return segment ?? new QueueSegment(bytes);
        }

        internal void Return(QueueSegment segment)
        {
            segment.Reset();
            _gate.Enter();
            if (_count < _free.Length)
            {
                _free[_count++] = segment;
            }

            _gate.Exit();
        }
    }
}
