namespace Pewter.NineP.Server;

/// <summary>The <c>valid</c> bits of Tsetattr (P9_ATTR_*).</summary>
[Flags]
internal enum SetAttributeMask : uint
{
    Mode = 0x1,
    Uid = 0x2,
    Gid = 0x4,
    Size = 0x8,
    AccessTime = 0x10,
    ModifyTime = 0x20,
    ChangeTime = 0x40,
    AccessTimeGiven = 0x80,
    ModifyTimeGiven = 0x100,
}
