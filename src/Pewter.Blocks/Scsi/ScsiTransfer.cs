namespace Pewter.Blocks.Scsi;

/// <summary>What a planned command wants its transport to move.</summary>
internal enum ScsiTransfer
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// The device's bytes at <see cref="ScsiTask.Offset"/> go to the initiator; the transport reads them itself.
    /// </summary>
    ReadExtent,

    /// <summary>
    /// The initiator's bytes go to the device at <see cref="ScsiTask.Offset"/>; the transport writes them itself.
    /// </summary>
    WriteExtent,

    /// <summary>The command fills <see cref="ScsiTask.DataIn"/> when executed.</summary>
    DataIn,

    /// <summary>The command needs <see cref="ScsiTask.DataOut"/> when executed.</summary>
    DataOut,
}
