using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>The vital product data pages (SPC-4 7.8, SBC-3 6.6).</summary>
internal static class VitalProductData
{
    /// <summary>More than the longest page: the device identification with the longest iSCSI name twice.</summary>
    public const int MaxLength = 1024;

    private const byte SupportedPages = 0x00, SerialNumber = 0x80, Identification = 0x83, Extended = 0x86;
    private const byte BlockLimits = 0xB0, Characteristics = 0xB1, Provisioning = 0xB2;

    private static ReadOnlySpan<byte> Pages =>
        [SupportedPages, SerialNumber, Identification, Extended, BlockLimits, Characteristics, Provisioning];

    public static bool IsSupported(byte page) => Pages.Contains(page);

    /// <summary>Writes a supported page into zeroed <paramref name="data"/>; returns its length.</summary>
    public static int Write(byte page, Span<byte> data, Nexus nexus)
    {
        data[1] = page;
        int length = WriteBody(page, data[4..], nexus);
        WriteUInt16BigEndian(data[2..], (ushort)length);
        return 4 + length;
    }

    private static int WriteBody(byte page, Span<byte> body, Nexus nexus)
    {
        switch (page)
        {
            case SupportedPages:
                Pages.CopyTo(body);
                return Pages.Length;
            case SerialNumber:
                return Encoding.ASCII.GetBytes(nexus.Unit.Identity.Serial, body);
            case Identification:
                return WriteIdentification(body, nexus);
            case Extended:
                body[1] = 0x01; // SIMPSUP: simple tasks only
                body[2] = 0x01; // V_SUP: the cache is volatile
                return 60;
            case BlockLimits:
                return WriteBlockLimits(body, (uint)(nexus.Unit.PhysicalBlock / LogicalUnit.BlockSize));
            case Characteristics:
                WriteUInt16BigEndian(body, 1); // not rotating
                return 60;
            default:
                body[1] = 0xE0 | 0x04; // UNMAP, WRITE SAME (16) and (10) unmap; unmapped blocks read as zeroes
                body[2] = 0x02; // thin
                return 4;
        }
    }

    private static int WriteBlockLimits(Span<byte> body, uint physicalBlocks)
    {
        body[1] = CompareAndWrite.MaxBlocks;
        WriteUInt16BigEndian(body[2..], (ushort)physicalBlocks);
        WriteUInt32BigEndian(body[4..], BlockExtents.MaxTransferBlocks);
        WriteUInt32BigEndian(body[8..], 1024); // optimal: 512 KiB
        WriteUInt32BigEndian(body[12..], BlockExtents.MaxTransferBlocks);
        WriteUInt32BigEndian(body[16..], uint.MaxValue);
        WriteUInt32BigEndian(body[20..], Unmap.MaxDescriptors);
        WriteUInt32BigEndian(body[24..], physicalBlocks);
        WriteUInt32BigEndian(body[28..], 0x8000_0000);
        WriteUInt64BigEndian(body[32..], WriteSame.MaxBlocks);
        return 60;
    }

    private static int WriteIdentification(Span<byte> body, Nexus nexus)
    {
        UnitIdentity identity = nexus.Unit.Identity;
        int at = 0;
        at += WriteDesignator(body[at..], 0x01, 0x03, naa => WriteNaa(naa, identity.Naa));
        at += WriteDesignator(body[at..], 0x02, 0x01, text => WriteVendor(text, identity));
        at += WriteDesignator(body[at..], 0x51, 0x94, port => WriteRelativePort(port));
        at += WriteDesignator(body[at..], 0x53, 0x98, text => WriteName(text, nexus.TargetPort));
        return at;
    }

    private delegate int Fill(Span<byte> designator);

    private static int WriteDesignator(Span<byte> to, byte codeSet, byte type, Fill fill)
    {
        to[0] = codeSet;
        to[1] = type;
        int length = fill(to[4..]);
        to[3] = (byte)length;
        return 4 + length;
    }

    private static int WriteNaa(Span<byte> to, ulong naa)
    {
        WriteUInt64BigEndian(to, naa);
        return 8;
    }

    private static int WriteVendor(Span<byte> to, UnitIdentity identity) =>
        Encoding.ASCII.GetBytes($"PEWTER  {identity.Designator}", to);

    private static int WriteRelativePort(Span<byte> to)
    {
        to[3] = 1;
        return 4;
    }

    /// <summary>A SCSI name string: UTF-8, null-terminated, padded to four bytes.</summary>
    private static int WriteName(Span<byte> to, string name) => (Encoding.UTF8.GetBytes(name, to) + 4) & ~3;
}
