using System.Security.Cryptography;
using System.Text;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// Who a disk says it is, the same over restarts and over every target that shows it, so that initiators recognise it.
/// </summary>
public sealed class UnitIdentity
{
    private const ulong NaaLocallyAssigned = 0x3UL << 60;

    /// <summary>Derives the identity from a disk's stable id.</summary>
    /// <param name="diskId">Id in the tree, unique for ever, e.g. <c>d17</c>; at most 200 characters.</param>
    public UnitIdentity(string diskId)
    {
        ArgumentException.ThrowIfNullOrEmpty(diskId);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(diskId));
        Naa = NaaLocallyAssigned | (BitConverter.ToUInt64(hash) >> 4);
        Serial = Convert.ToHexStringLower(hash.AsSpan(0, 10));
        Designator = string.Concat(diskId.Where(char.IsAscii).Take(64));
    }

    /// <summary>NAA designator of the locally assigned kind.</summary>
    public ulong Naa { get; }

    /// <summary>Unit serial number, 20 hexadecimal digits.</summary>
    public string Serial { get; }

    /// <summary>The readable part of the T10 vendor designator.</summary>
    public string Designator { get; }
}
