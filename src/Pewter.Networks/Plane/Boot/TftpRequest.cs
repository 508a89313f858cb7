using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Pewter.Networks.Plane.Boot;

/// <summary>A wish to read a file (RFC 1350) with its options (RFC 2347, 2348, 2349, 7440).</summary>
/// <param name="File">The file.</param>
/// <param name="BlockBytes">The size of a block; null: not asked for.</param>
/// <param name="Window">Blocks before an acknowledgement; null: not asked for.</param>
/// <param name="WantsSize">Whether the file's size is to be told.</param>
internal sealed record TftpRequest(string File, int? BlockBytes, int? Window, bool WantsSize)
{
    public const ushort ReadOperation = 1;
    public const ushort WriteOperation = 2;
    public const ushort DataOperation = 3;
    public const ushort AcknowledgeOperation = 4;
    public const ushort ErrorOperation = 5;
    public const ushort OptionsOperation = 6;

    private const int LeastBlock = 8;

    // The largest that an Ethernet packet of 1500 bytes carries: what is longer comes in fragments, which firmware handles badly.
    private const int MostBlock = 1468;

    // A lost block costs the window that it was in: 64 blocks are 90 KiB, more than enough for a local segment.
    private const int MostWindow = 64;

    /// <summary>Reads a request; null when it is not one to read a file as it is.</summary>
    public static TftpRequest? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4 || BinaryPrimitives.ReadUInt16BigEndian(bytes) != ReadOperation)
        {
            return null;
        }

        var words = Encoding.ASCII.GetString(bytes[2..]).Split('\0');
        if (words.Length < 3 || !words[1].Equals("octet", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var request = new TftpRequest(words[0].StartsWith('/') ? words[0] : "/" + words[0], null, null, false);
        for (var i = 2; i + 1 < words.Length; i += 2)
        {
            var isNumber = int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            request = words[i].ToLowerInvariant() switch
            {
                "blksize" when isNumber && number >= LeastBlock => request with { BlockBytes = Math.Min(number, MostBlock) },
                "windowsize" when isNumber && number > 0 => request with { Window = Math.Min(number, MostWindow) },
                "tsize" => request with { WantsSize = true },
                _ => request,
            };
        }

        return request;
    }

    /// <summary>The acknowledgement of the options; null when none was asked for.</summary>
    public byte[]? Options(long length)
    {
        var text = new StringBuilder();
        if (BlockBytes is { } block)
        {
            text.Append(CultureInfo.InvariantCulture, $"blksize\0{block}\0");
        }

        if (Window is { } window)
        {
            text.Append(CultureInfo.InvariantCulture, $"windowsize\0{window}\0");
        }

        if (WantsSize)
        {
            text.Append(CultureInfo.InvariantCulture, $"tsize\0{length}\0");
        }

        return text.Length == 0 ? null : [0, (byte)OptionsOperation, .. Encoding.ASCII.GetBytes(text.ToString())];
    }

    /// <summary>An error.</summary>
    public static byte[] Error(ushort code, string sentence) => [0, (byte)ErrorOperation, 0, (byte)code, .. Encoding.ASCII.GetBytes(sentence), 0];
}
