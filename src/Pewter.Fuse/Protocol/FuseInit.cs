using System.Runtime.InteropServices;

namespace Pewter.Fuse.Protocol;

/// <summary>What the kernel can do (<c>fuse_init_in</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseInitIn
{
    public uint Major;
    public uint Minor;
    public uint MaxReadahead;
    public FuseInitFlags Flags;
}

/// <summary>What we ask of it (<c>fuse_init_out</c>, 64 bytes since 7.23).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseInitOut
{
    public uint Major;
    public uint Minor;
    public uint MaxReadahead;
    public FuseInitFlags Flags;
    public ushort MaxBackground;
    public ushort CongestionThreshold;
    public uint MaxWrite;
    public uint TimeGranularity;
    public ushort MaxPages;
    public ushort MapAlignment;
    public uint Flags2;
    public uint MaxStackDepth;
    public ulong Unused1;
    public ulong Unused2;
    public ulong Unused3;
}

/// <summary>Features negotiated at the start (<c>FUSE_INIT</c> flags). Only those that we use.</summary>
[Flags]
internal enum FuseInitFlags : uint
{
    None = 0,
    AsyncRead = 1 << 0,
    AtomicTruncate = 1 << 3,
    BigWrites = 1 << 5,
    ReadDirectoryPlus = 1 << 13,
    ReadDirectoryPlusAuto = 1 << 14,
    ParallelDirectoryOperations = 1 << 18,
    MaxPages = 1 << 22,
}
