using System.Globalization;
using System.Net.NetworkInformation;
using System.Text.RegularExpressions;

namespace Pewter.Networks.Addresses;

/// <summary>Hardware addresses in their usual form: <c>02:1f:9a:00:00:07</c>.</summary>
internal static partial class Hardware
{
    /// <summary>The address of a port: local, one for each number on each machine, so that machines may share a segment.</summary>
    /// <param name="machine">Two bytes that tell this machine from others.</param>
    /// <param name="number">The port's number.</param>
    public static string For(ushort machine, long number) => string.Create(
        CultureInfo.InvariantCulture,
        $"02:{machine >> 8:x2}:{machine & 0xff:x2}:{(number >> 16) & 0xff:x2}:{(number >> 8) & 0xff:x2}:{number & 0xff:x2}");

    /// <summary>The usual form of an address of one machine; null when the text is none, or one of many machines.</summary>
    public static string? Normalise(string text)
    {
        if (!Form().IsMatch(text))
        {
            return null;
        }

        var usual = text.Replace('-', ':').ToLowerInvariant();
        var isGroup = (Convert.ToByte(usual[..2], 16) & 1) != 0;
        return isGroup || usual == "00:00:00:00:00:00" ? null : usual;
    }

    /// <summary>The address as the runtime has it.</summary>
    public static PhysicalAddress Parse(string usual) => PhysicalAddress.Parse(usual);

    /// <summary>The usual form.</summary>
    public static string Text(ReadOnlySpan<byte> address) =>
        string.Join(':', Convert.ToHexStringLower(address).Chunk(2).Select(pair => new string(pair)));

    [GeneratedRegex("^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$")]
    private static partial Regex Form();
}
