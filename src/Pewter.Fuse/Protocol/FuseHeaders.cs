using System.Runtime.InteropServices;

namespace Pewter.Fuse.Protocol;

/// <summary>Starts every request (<c>fuse_in_header</c>, 40 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseInHeader
{
    public const int Size = 40;
    public uint Length;
    public FuseOpcode Opcode;
    public ulong Unique;
    public ulong NodeId;
    public uint Uid;
    public uint Gid;
    public uint Pid;
    public ushort ExtensionLength;
    public ushort Padding;
}

/// <summary>Starts every reply (<c>fuse_out_header</c>, 16 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FuseOutHeader
{
    public const int Size = 16;
    public uint Length;
    public int Error;
    public ulong Unique;
}
