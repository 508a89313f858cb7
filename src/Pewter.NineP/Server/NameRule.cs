using System.Text.Unicode;

namespace Pewter.NineP.Server;

/// <summary>The one place where names from the wire are judged.</summary>
internal static class NameRule
{
    /// <summary>Whether a name may reach a file; "." and ".." pass only where <paramref name="dotsAllowed"/>.</summary>
    public static Errno Check(ReadOnlySpan<byte> name, int maxLength, bool dotsAllowed)
    {
        if (name.IsEmpty || name.ContainsAny((byte)'/', (byte)0))
            return Errno.EINVAL;
        if (name.Length > maxLength)
            return Errno.ENAMETOOLONG;
        if (!Utf8.IsValid(name))
            return Errno.EILSEQ;
        return !dotsAllowed && (IsDot(name) || IsDotDot(name)) ? Errno.EINVAL : Errno.None;
    }

    public static bool IsDot(ReadOnlySpan<byte> name) => name is [(byte)'.'];

    public static bool IsDotDot(ReadOnlySpan<byte> name) => name is [(byte)'.', (byte)'.'];
}
