namespace Pewter.NineP.Server;

/// <summary>Why a request is cancelled; a later one in the list overrides an earlier one.</summary>
internal enum CancelReason
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>Its fid was clunked: it is answered with EINTR.</summary>
    Clunked,

    /// <summary>A Tflush: answered only if it completes all the same.</summary>
    Flushed,

    /// <summary>A Tversion or the end of the connection: never answered.</summary>
    Aborted,
}
