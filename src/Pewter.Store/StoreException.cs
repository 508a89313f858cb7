namespace Pewter.Store;

/// <summary>The expected failure of a store operation: a Linux errno and a sentence that says what is wrong and what to do.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Creates the failure.</summary>
    public StoreException(int errno, string message, bool outcomeUnknown = false, Exception? inner = null)
        : base(message, inner) => (Errno, OutcomeUnknown) = (errno, outcomeUnknown);

    /// <summary>
    /// A Linux error number: EIO 5, EAGAIN 11, EBUSY 16, EROFS 30 (this daemon does not lead), ENOSPC 28, ENODATA 61 (compacted away),
    /// EPROTO 71 (a newer schema), ECONNRESET 104, ESHUTDOWN 108 (closed), ESTALE 116 (deposed).
    /// </summary>
    public int Errno { get; }

    /// <summary>
    /// The failure struck while the commit was being made durable, so it may or may not be found after a restart. False for every other
    /// failure: then nothing of the batch is kept.
    /// </summary>
    public bool OutcomeUnknown { get; }
}
