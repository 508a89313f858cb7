using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pewter.Networks.Addresses;

/// <summary>A range of IPv4 addresses with a prefix, such as <c>10.42.0.0/24</c>. Immutable.</summary>
/// <param name="Base">The first address as a number; its bits beyond the prefix are zero.</param>
/// <param name="Prefix">The bits that all addresses share, from 8 to 30.</param>
internal readonly record struct Subnet(uint Base, int Prefix)
{
    /// <summary>/8 holds sixteen million machines; more was never asked for, and less than /30 has no two hosts.</summary>
    private const int LeastPrefix = 8;
    private const int MostPrefix = 30;

    /// <summary>Smaller segments have no addresses to spare for unknown machines.</summary>
    private const uint LeastHostsForGuests = 13;

    /// <summary>The first host.</summary>
    public uint First => Base + 1;

    /// <summary>The last host; after it comes the broadcast address.</summary>
    public uint Last => Base + (uint)((1L << (32 - Prefix)) - 2);

    /// <summary>The last address for members; the quarter behind it is for machines that come unannounced, where there is room.</summary>
    public uint LastMember => Last - First < LeastHostsForGuests ? Last : Last - ((Last - First) / 4);

    /// <summary>The mask.</summary>
    public uint Mask => uint.MaxValue << (32 - Prefix);

    /// <summary>Reads a range; false when the text is none, or has bits beyond its prefix.</summary>
    public static bool TryParse(string text, out Subnet subnet)
    {
        subnet = default;
        if (text.Split('/') is not [var address, var bits]
            || !TryParseAddress(address, out var first)
            || !int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || prefix is < LeastPrefix or > MostPrefix)
        {
            return false;
        }

        subnet = new Subnet(first, prefix);
        return (first & ~subnet.Mask) == 0;
    }

    /// <summary>Reads an address written with four numbers.</summary>
    public static bool TryParseAddress(string text, out uint address)
    {
        address = 0;
        if (text.Count(character => character == '.') != 3 || !IPAddress.TryParse(text, out var parsed)
            || parsed.AddressFamily != AddressFamily.InterNetwork)
        {
            return false;
        }

        address = Number(parsed);
        return true;
    }

    /// <summary>The number of an address that was checked when it was stored.</summary>
    public static uint ParseAddress(string text) =>
        TryParseAddress(text, out var address) ? address : throw new FormatException($"'{text}' is no address of four numbers.");

    /// <summary>An address as a number.</summary>
    public static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    /// <summary>A number as an address.</summary>
    public static IPAddress Address(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }

    /// <summary>Whether an address is in the range.</summary>
    public bool Contains(uint address) => (address & Mask) == Base;

    /// <summary>Whether the ranges share an address.</summary>
    public bool Overlaps(Subnet other) => Prefix <= other.Prefix ? Contains(other.Base) : other.Contains(Base);

    /// <summary>An address with this range's prefix: <c>10.42.0.5/24</c>.</summary>
    public string Of(uint address) => string.Create(CultureInfo.InvariantCulture, $"{Address(address)}/{Prefix}");

    /// <inheritdoc/>
    public override string ToString() => Of(Base);
}
