using System.Buffers.Binary;
using System.Text;
using Pewter.Networks.Addresses;

namespace Pewter.Networks.Plane.Dhcp;

/// <summary>A message of DHCPv4 (RFC 2131, 2).</summary>
internal sealed class DhcpMessage
{
    private const int FixedBytes = 236;
    private const uint Cookie = 0x63825363;
    private const int LeastBytes = 300;
    private const byte End = 255;
    private const int FileAt = 108;
    private const int FileBytes = 128;

    private readonly Dictionary<DhcpOption, byte[]> _options = [];

    /// <summary>1 from a client, 2 from a server.</summary>
    public byte Operation { get; init; }

    public uint Transaction { get; init; }

    public ushort Flags { get; init; }

    /// <summary>Whether the client can hear nothing but broadcasts.</summary>
    public bool IsBroadcast => (Flags & 0x8000) != 0;

    public uint ClientAddress { get; init; }

    public uint YourAddress { get; init; }

    public uint NextServer { get; init; }

    public uint Relay { get; init; }

    public byte[] Hardware { get; init; } = [];

    public string File { get; init; } = "";

    public string Mac => Addresses.Hardware.Text(Hardware);

    public DhcpType Type => _options.TryGetValue(DhcpOption.MessageType, out var value) && value.Length == 1 ? (DhcpType)value[0] : DhcpType.None;

    public IEnumerable<KeyValuePair<DhcpOption, byte[]>> Options => _options;

    public byte[]? this[DhcpOption option] => _options.GetValueOrDefault(option);

    /// <summary>Reads a message of an Ethernet client; null when it is none. Options that are split are joined (RFC 3396).</summary>
    public static DhcpMessage? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedBytes + 4 || bytes[1] != 1 || bytes[2] != 6 || BinaryPrimitives.ReadUInt32BigEndian(bytes[FixedBytes..]) != Cookie)
        {
            return null;
        }

        var message = new DhcpMessage
        {
            Operation = bytes[0],
            Transaction = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            Flags = BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]),
            ClientAddress = BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            YourAddress = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            NextServer = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]),
            Relay = BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]),
            Hardware = bytes[28..34].ToArray(),
            File = Encoding.ASCII.GetString(bytes.Slice(FileAt, FileBytes)).TrimEnd('\0'),
        };
        message.ReadOptions(bytes[(FixedBytes + 4)..]);
        return message;
    }

    /// <summary>Sets an option.</summary>
    public DhcpMessage Set(DhcpOption option, params ReadOnlySpan<byte> value)
    {
        _options[option] = value.ToArray();
        return this;
    }

    /// <summary>Sets an option that is an address or a number of four bytes.</summary>
    public DhcpMessage Set(DhcpOption option, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Set(option, (ReadOnlySpan<byte>)bytes);
    }

    /// <summary>Sets an option that is a text.</summary>
    public DhcpMessage Set(DhcpOption option, string value) => Set(option, (ReadOnlySpan<byte>)Encoding.ASCII.GetBytes(value));

    /// <summary>A number or address among the options; null when there is none.</summary>
    public uint? Number(DhcpOption option) =>
        _options.TryGetValue(option, out var value) && value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : null;

    /// <summary>A text among the options.</summary>
    public string? Text(DhcpOption option) =>
        _options.TryGetValue(option, out var value) ? Encoding.ASCII.GetString(value).TrimEnd('\0') : null;

    /// <summary>The message as it goes on the wire.</summary>
    public byte[] ToBytes()
    {
        var options = _options.Sum(option => 2 + option.Value.Length + (option.Value.Length / 255 * 2));
        var bytes = new byte[Math.Max(LeastBytes, FixedBytes + 4 + options + 1)];
        (bytes[0], bytes[1], bytes[2]) = (Operation, 1, 6);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Transaction);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), Flags);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(12), ClientAddress);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), YourAddress);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), NextServer);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(24), Relay);
        Hardware.CopyTo(bytes.AsSpan(28));
        Encoding.ASCII.GetBytes(File, bytes.AsSpan(FileAt, FileBytes - 1));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(FixedBytes), Cookie);
        var at = FixedBytes + 4;
        foreach (var (option, value) in _options)
        {
            // The message type stands first by the order of setting; longer values than 255 do not occur in what a server says.
            bytes[at++] = (byte)option;
            bytes[at++] = (byte)value.Length;
            value.CopyTo(bytes.AsSpan(at));
            at += value.Length;
        }

        bytes[at] = End;
        return bytes;
    }

    /// <summary>An address for people.</summary>
    public static string AddressText(uint address) => Subnet.Address(address).ToString();

    private void ReadOptions(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 1 && rest[0] != End)
        {
            if (rest[0] == 0)
            {
                rest = rest[1..];
                continue;
            }

            var length = rest[1];
            if (length + 2 > rest.Length)
            {
                return;
            }

            var option = (DhcpOption)rest[0];
            _options[option] = [.. _options.GetValueOrDefault(option) ?? [], .. rest.Slice(2, length)];
            rest = rest[(length + 2)..];
        }
    }
}
