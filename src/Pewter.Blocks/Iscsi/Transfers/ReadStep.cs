namespace Pewter.Blocks.Iscsi.Transfers;

/// <summary>How far the sending of a command's data came.</summary>
internal enum ReadStep
{
    /// <summary>All data and, with it or after it, the status.</summary>
    Done,

    /// <summary>The initiator has to take some first.</summary>
    NeedsRoom,

    /// <summary>The device has to be waited for.</summary>
    NeedsDevice,
}
