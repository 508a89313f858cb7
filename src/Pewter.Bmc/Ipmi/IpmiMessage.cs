namespace Pewter.Bmc.Ipmi;

/// <summary>
/// A message of IPMI as it travels over a LAN (13.8): addresses, network function, sequence, command, data and two checksums. A response has
/// its completion code before the data.
/// </summary>
internal readonly record struct IpmiMessage(byte Function, byte Sequence, byte Command, byte Completion, byte[] Data)
{
    private const byte Controller = 0x20;
    private const byte RemoteConsole = 0x81;
    private const int ResponseBytes = 8;

    /// <summary>The bytes of a request.</summary>
    public static byte[] Request(byte function, byte command, byte sequence, ReadOnlySpan<byte> data)
    {
        byte[] head = [Controller, (byte)(function << 2)];
        byte[] body = [RemoteConsole, (byte)(sequence << 2), command, .. data];
        return [.. head, Checksum(head), .. body, Checksum(body)];
    }

    /// <summary>The bytes of a response, for whoever plays a controller.</summary>
    public byte[] Response()
    {
        byte[] head = [RemoteConsole, (byte)((Function | 1) << 2)];
        byte[] body = [Controller, (byte)(Sequence << 2), Command, Completion, .. Data];
        return [.. head, Checksum(head), .. body, Checksum(body)];
    }

    /// <summary>Reads a response; null when it is none.</summary>
    public static IpmiMessage? Read(ReadOnlySpan<byte> wire) =>
        wire.Length < ResponseBytes || Checksum(wire[..2]) != wire[2] || Checksum(wire[3..^1]) != wire[^1]
            ? null
            : new(unchecked((byte)((wire[1] >> 2) & ~1)), (byte)(wire[4] >> 2), wire[5], wire[6], wire[7..^1].ToArray());

    private static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (var each in bytes)
            sum += each;
        return (byte)-sum;
    }
}
