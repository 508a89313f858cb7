namespace Pewter.Blocks.Iscsi;

/// <summary>iSCSI names (RFC 7143 4.2.7): compared in lower case, at most 223 bytes.</summary>
internal static class IscsiName
{
    private const int MaxLength = 223;

    public static string Normalize(string name) => name.ToLowerInvariant();

    public static bool IsValid(string name)
    {
        string normal = Normalize(name);
        bool form = normal.StartsWith("iqn.", StringComparison.Ordinal)
            || normal.StartsWith("eui.", StringComparison.Ordinal)
            || normal.StartsWith("naa.", StringComparison.Ordinal);
        return form && normal.Length is > 4 and <= MaxLength && normal.All(IsNameCharacter);
    }

    private static bool IsNameCharacter(char c) => c is '-' or '.' or ':' || char.IsLetterOrDigit(c);
}
