using System.Text;
using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>Text that came from outside.</summary>
internal static class Utf8Text
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes bytes that must be UTF-8 without NUL; EILSEQ or EINVAL otherwise.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Contains((byte)0))
        {
            throw new FileException(Errno.EINVAL, "The text has a NUL byte in it.");
        }

        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException failure)
        {
            throw new FileException(Errno.EILSEQ, $"The text is not UTF-8 at byte {failure.Index}.", failure);
        }
    }
}
