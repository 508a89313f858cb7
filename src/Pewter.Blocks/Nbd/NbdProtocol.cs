namespace Pewter.Blocks.Nbd;

/// <summary>Numbers of the NBD protocol (nbd/doc/proto.md). Everything on the wire is big endian.</summary>
internal static class NbdProtocol
{
    public const ulong GreetingMagic = 0x4E42444D41474943; // "NBDMAGIC"
    public const ulong OptionMagic = 0x49484156454F5054; // "IHAVEOPT"
    public const ulong OptionReplyMagic = 0x0003E889045565A9;
    public const uint RequestMagic = 0x25609513;
    public const uint SimpleReplyMagic = 0x67446698;
    public const uint StructuredReplyMagic = 0x668E33EF;

    public const ushort FixedNewstyle = 1;
    public const ushort NoZeroes = 2;

    public const int OptionHeaderBytes = 16;
    public const int RequestBytes = 28;
    public const int SimpleReplyBytes = 16;
    public const int ChunkBytes = 20;

    public const string AllocationContext = "base:allocation";
    public const uint AllocationContextId = 1;
    public const uint StateHole = 1;
    public const uint StateZero = 2;
}

internal enum NbdOption : uint
{
    ExportName = 1,
    Abort = 2,
    List = 3,
    StartTls = 5,
    Info = 6,
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
}

internal enum NbdOptionReply : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    MetaContext = 4,
    Unsupported = 0x8000_0001,
    Policy = 0x8000_0002,
    Invalid = 0x8000_0003,
    TlsRequired = 0x8000_0005,
    Unknown = 0x8000_0006,
    Shutdown = 0x8000_0007,
    TooBig = 0x8000_0009,
}

internal enum NbdInfo : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}

internal enum NbdCommand : ushort
{
    Read = 0,
    Write = 1,
    Disconnect = 2,
    Flush = 3,
    Trim = 4,
    Cache = 5,
    WriteZeroes = 6,
    BlockStatus = 7,
}

[Flags]
internal enum NbdCommandFlags : ushort
{
    None = 0,
    Fua = 1,
    NoHole = 2,
    DoNotFragment = 4,
    OneExtent = 8,
    FastZero = 16,
}

[Flags]
internal enum NbdTransmissionFlags : ushort
{
    HasFlags = 1,
    ReadOnly = 2,
    Flush = 4,
    Fua = 8,
    Trim = 32,
    WriteZeroes = 64,
    DoNotFragment = 128,
    MultiConnection = 256,
    Cache = 1024,
    FastZero = 2048,
}

internal enum NbdChunk : ushort
{
    None = 0,
    OffsetData = 1,
    OffsetHole = 2,
    BlockStatus = 5,
    Error = 0x8001,
}
