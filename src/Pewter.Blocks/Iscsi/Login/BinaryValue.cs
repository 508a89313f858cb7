namespace Pewter.Blocks.Iscsi.Login;

/// <summary>Binary values in negotiation text (RFC 7143 6.1): hexadecimal after 0x, Base64 after 0b.</summary>
internal static class BinaryValue
{
    public static string Format(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    public static byte[]? TryParse(string text)
    {
        try
        {
            if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
                return Convert.FromHexString(text.Length % 2 == 0 ? text.AsSpan(2) : $"0{text[2..]}");
            return text.StartsWith("0b", StringComparison.OrdinalIgnoreCase) ? Convert.FromBase64String(text[2..]) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
