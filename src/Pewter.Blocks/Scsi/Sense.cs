using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// Why a command ended with CHECK CONDITION (SPC-4 4.5). The default value means that nothing is wrong.
/// </summary>
internal readonly record struct Sense(SenseKey Key, AdditionalSense Code, uint? Information = null)
{
    public const int FixedLength = 18;
    private const int DescriptorHeader = 8;
    private const int InformationDescriptor = 12;

    public bool IsNone => Key == SenseKey.NoSense;

    public static Sense Illegal(AdditionalSense code) => new(SenseKey.IllegalRequest, code);

    public static Sense InvalidField => Illegal(AdditionalSense.InvalidFieldInCdb);

    public static Sense InvalidParameter => Illegal(AdditionalSense.InvalidFieldInParameterList);

    public static Sense Attention(AdditionalSense code) => new(SenseKey.UnitAttention, code);

    /// <summary>Translates the failure of a device.</summary>
    public static Sense From(BlockException failure, bool writing) => failure.Errno switch
    {
        28 or 122 => new(SenseKey.DataProtect, AdditionalSense.SpaceAllocationFailed),
        30 => new(SenseKey.DataProtect, AdditionalSense.WriteProtected),
        22 => InvalidField,
        _ => new(SenseKey.MediumError, writing ? AdditionalSense.WriteError : AdditionalSense.UnrecoveredReadError),
    };

    /// <summary>Writes the sense data; returns its length, at most 20.</summary>
    public int Write(Span<byte> to, bool descriptorFormat)
    {
        to[..20].Clear();
        return descriptorFormat ? WriteDescriptors(to) : WriteFixed(to);
    }

    private int WriteFixed(Span<byte> to)
    {
        to[0] = Information is null ? (byte)0x70 : (byte)0xF0;
        to[2] = (byte)Key;
        WriteUInt32BigEndian(to[3..], Information ?? 0);
        to[7] = FixedLength - 8;
        WriteUInt16BigEndian(to[12..], (ushort)Code);
        return FixedLength;
    }

    private int WriteDescriptors(Span<byte> to)
    {
        to[0] = 0x72;
        to[1] = (byte)Key;
        WriteUInt16BigEndian(to[2..], (ushort)Code);
        if (Information is not { } information)
            return DescriptorHeader;
        to[7] = InformationDescriptor;
        to[9] = InformationDescriptor - 2;
        to[10] = 0x80;
        WriteUInt64BigEndian(to[12..], information);
        return DescriptorHeader + InformationDescriptor;
    }
}
