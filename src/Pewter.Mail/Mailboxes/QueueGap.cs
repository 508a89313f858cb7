using System.Runtime.CompilerServices;

namespace Pewter.Mail;

/// <summary>
/// Keeps the fields of adders and taker on cache lines of their own: fields of a base class come before those of a
/// derived one. Without it each message would move a line
/// between two processors twice.
/// </summary>
internal abstract class QueueGap : QueueAdders
{
    private protected Lines Gap;

    [InlineArray(16)]
    internal struct Lines
    {
        private long _first;
    }
}
