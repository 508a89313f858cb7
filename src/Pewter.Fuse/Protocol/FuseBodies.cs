using System.Runtime.InteropServices;

namespace Pewter.Fuse.Protocol;

/// <summary>What an open looks like to the kernel (<c>FOPEN_*</c>).</summary>
[Flags]
internal enum FuseOpenResult : uint
{
    None = 0,
    DirectIo = 1 << 0,
    NonSeekable = 1 << 2,
    Stream = 1 << 4,
    ParallelDirectWrites = 1 << 6,
}

/// <summary><c>fuse_open_in</c>; also OPENDIR.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseOpenIn
{
    public uint Flags;
    public uint OpenFlags;
}

/// <summary><c>fuse_open_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseOpenOut
{
    public ulong Handle;
    public FuseOpenResult Result;
    public uint Padding;
}

/// <summary><c>fuse_create_in</c>, before the name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseCreateIn
{
    public uint Flags;
    public uint Mode;
    public uint Mask;
    public uint OpenFlags;
}

/// <summary><c>fuse_create_out</c>: entry and open in one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseCreateOut
{
    public FuseEntryOut Entry;
    public FuseOpenOut Open;
}

/// <summary><c>fuse_release_in</c>; also RELEASEDIR.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseReleaseIn
{
    public ulong Handle;
    public uint Flags;
    public uint ReleaseFlags;
    public ulong LockOwner;
}

/// <summary><c>fuse_read_in</c>; READDIR and READDIRPLUS use it, and WRITE has the same shape before its data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseTransferIn
{
    public const int StructureSize = 40;
    public ulong Handle;
    public ulong Offset;
    public uint Size;
    public uint TransferFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}

/// <summary><c>fuse_write_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseWriteOut
{
    public uint Size;
    public uint Padding;
}

/// <summary><c>fuse_fsync_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseSyncIn
{
    public ulong Handle;
    public uint Flags;
    public uint Padding;
}

/// <summary><c>fuse_access_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseAccessIn
{
    public uint Mask;
    public uint Padding;
}

/// <summary><c>fuse_mkdir_in</c>, before the name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseMakeDirectoryIn
{
    public uint Mode;
    public uint Mask;
}

/// <summary><c>fuse_rename2_in</c>, before the two names; RENAME has only the directory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseRename2In
{
    public ulong NewDirectory;
    public uint Flags;
    public uint Padding;
}

/// <summary><c>fuse_forget_one</c> of BATCH_FORGET, after a <c>fuse_batch_forget_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseForgetOne
{
    public ulong NodeId;
    public ulong Lookups;
}

/// <summary><c>fuse_batch_forget_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseBatchForgetIn
{
    public uint Count;
    public uint Padding;
}

/// <summary><c>fuse_dirent</c>, before the name and its padding to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseDirectoryEntry
{
    public const int Size = 24;
    public ulong Inode;
    public ulong Offset;
    public uint NameLength;
    public uint Type;
}
