using Pewter.NineP;

namespace Pewter.Doors.NineDoors;

/// <summary>An aname as the doors read it: <c>path,token=WORDS</c>. Holds a secret, so it does not print itself.</summary>
internal sealed class AccessName
{
    private const string TokenOption = "token=";

    private AccessName(string path, string? token) => (Path, Token) = (path, token);

    /// <summary>The subtree that becomes the root; "" for the whole of what the caller may see.</summary>
    public string Path { get; }

    public string? Token { get; }

    /// <summary>EINVAL for an option that is not known; the message does not repeat it, since it may be a mistyped token.</summary>
    public static AccessName Parse(string text)
    {
        var parts = text.Split(',');
        string? token = null;
        foreach (var part in parts.Skip(1))
        {
            if (token is not null || !part.StartsWith(TokenOption, StringComparison.Ordinal))
                throw new FileException(Errno.EINVAL, "The access name is `path`, `path,token=…` or `path,stream=1`.");
            token = part[TokenOption.Length..];
        }

        return new AccessName(parts[0], token);
    }

    public override string ToString() => Path;
}
