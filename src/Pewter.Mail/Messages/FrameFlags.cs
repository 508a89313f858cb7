namespace Pewter.Mail;

/// <summary>Properties of a frame.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>It may be dropped, and is not numbered.</summary>
    Unreliable = 1,

    /// <summary>It answers the request of its number.</summary>
    Reply = 2,

    /// <summary>It was sent to a name: Type and Instance tell which.</summary>
    ToService = 4,

    /// <summary>It is of a group; only members take it.</summary>
    Group = 8,

    /// <summary>It was sent to many.</summary>
    Multicast = 16,
}
