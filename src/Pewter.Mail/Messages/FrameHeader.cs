using System.Runtime.InteropServices;

namespace Pewter.Mail;

/// <summary>
/// What precedes a message's body everywhere, in memory and on the wire: one cache line, little endian. Whoever reads
/// one that another process wrote copies it first
/// and checks the copy.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct FrameHeader
{
    internal const int Size = 64;

    /// <summary>Bytes of the body.</summary>
    [FieldOffset(0)] internal int BodyLength;

    [FieldOffset(4)] internal FrameKind Kind;

    [FieldOffset(5)] internal FrameFlags Flags;

    [FieldOffset(6)] internal Importance Importance;

    [FieldOffset(7)] internal RejectReason Reason;

    [FieldOffset(8)] internal PortAddress From;

    [FieldOffset(24)] internal PortAddress To;

    /// <summary>
    /// The number within the flow from the sending process to the receiving mailbox; 0 for what is not numbered.
    /// </summary>
    [FieldOffset(40)] internal ulong Sequence;

    /// <summary>The number of the request that this is, or that it answers; 0 for none.</summary>
    [FieldOffset(48)] internal ulong Request;

    /// <summary>The service that it was sent to.</summary>
    [FieldOffset(56)] internal uint Type;

    [FieldOffset(60)] internal uint Instance;

    internal readonly bool IsReliable => (Flags & FrameFlags.Unreliable) == 0;

    internal readonly bool Has(FrameFlags flag) => (Flags & flag) != 0;

    /// <summary>
    /// The header with which a message goes back. Its number stays: its sender finds by it what came back.
    /// </summary>
    internal readonly FrameHeader Returned(RejectReason reason) => this with
    {
        Kind = FrameKind.Reject, Reason = reason, From = To, To = From,
    };

    /// <summary>
    /// The word that a numbered message goes back. Its sender keeps the body until it has this, so the body stays here.
    /// </summary>
    internal readonly FrameHeader Refused(RejectReason reason) => Returned(reason) with { BodyLength = 0 };
}
