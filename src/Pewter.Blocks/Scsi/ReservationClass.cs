namespace Pewter.Blocks.Scsi;

/// <summary>How reservations treat a command (SPC-4 5.12 and SPC-2 5.5).</summary>
internal enum ReservationClass
{
    /// <summary>Always allowed.</summary>
    Free,

    /// <summary>Conflicts with another initiator's RESERVE only.</summary>
    Ready,

    /// <summary>Reads the medium or the modes.</summary>
    Read,

    /// <summary>Changes the medium or the modes.</summary>
    Write,
}
