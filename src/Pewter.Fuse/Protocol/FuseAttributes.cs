using System.Runtime.InteropServices;

namespace Pewter.Fuse.Protocol;

/// <summary><c>fuse_attr</c>, 88 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseAttributes
{
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AccessTime;
    public ulong ModifyTime;
    public ulong ChangeTime;
    public uint AccessNanoseconds;
    public uint ModifyNanoseconds;
    public uint ChangeNanoseconds;
    public uint Mode;
    public uint LinkCount;
    public uint Uid;
    public uint Gid;
    public uint Device;
    public uint BlockSize;
    public uint Flags;
}

/// <summary><c>fuse_attr_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseAttributesOut
{
    public ulong ValidSeconds;
    public uint ValidNanoseconds;
    public uint Padding;
    public FuseAttributes Attributes;
}

/// <summary><c>fuse_entry_out</c>, 128 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseEntryOut
{
    public const int Size = 128;
    public ulong NodeId;
    public ulong Generation;
    public ulong EntryValidSeconds;
    public ulong AttributesValidSeconds;
    public uint EntryValidNanoseconds;
    public uint AttributesValidNanoseconds;
    public FuseAttributes Attributes;
}

/// <summary><c>fuse_getattr_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseGetAttributesIn
{
    public const uint HasHandle = 1;
    public uint Flags;
    public uint Padding;
    public ulong Handle;
}

/// <summary><c>fuse_setattr_in</c>, 88 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseSetAttributesIn
{
    public FuseSetAttributesValid Valid;
    public uint Padding;
    public ulong Handle;
    public ulong Size;
    public ulong LockOwner;
    public ulong AccessTime;
    public ulong ModifyTime;
    public ulong ChangeTime;
    public uint AccessNanoseconds;
    public uint ModifyNanoseconds;
    public uint ChangeNanoseconds;
    public uint Mode;
    public uint Unused;
    public uint Uid;
    public uint Gid;
    public uint Unused2;
}

/// <summary>Which fields of <see cref="FuseSetAttributesIn"/> count (<c>FATTR_*</c>).</summary>
[Flags]
internal enum FuseSetAttributesValid : uint
{
    None = 0,
    Mode = 1 << 0,
    Uid = 1 << 1,
    Gid = 1 << 2,
    Size = 1 << 3,
    ModifyTime = 1 << 5,
    ModifyTimeNow = 1 << 8,
}

/// <summary><c>fuse_statfs_out</c>, 80 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseStatFileSystemOut
{
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public uint BlockSize;
    public uint NameLength;
    public uint FragmentSize;
    public uint Padding;
    public ulong Spare1;
    public ulong Spare2;
    public ulong Spare3;
}
