namespace Pewter.Mail;

/// <summary>Where a hub takes direct connections, and by which key it is known there. Handed on over the tree.</summary>
/// <param name="Node">The hub's node.</param>
/// <param name="Name">The machine's name, for people.</param>
/// <param name="Key">What tells that it is it: the SHA-256 of its certificate, in hexadecimal digits.</param>
/// <param name="Endpoints">Addresses and ports, those to try first first; none: it only dials.</param>
public sealed record MailHubPlace(ulong Node, string Name, string Key, IReadOnlyList<string> Endpoints)
{
    internal string Text => string.Join('\n', [Name, Key, .. Endpoints]);

    internal static MailHubPlace? Read(ulong node, string text)
    {
        // As many as a machine has interfaces, and no more than anybody would try.
        const int EndpointsMax = 16;
        var lines = text.Split('\n');
        return lines.Length is >= 2 and <= 2 + EndpointsMax && lines[1].Length == 64 && lines[1].All(char.IsAsciiHexDigitLower)
            ? new MailHubPlace(node, lines[0], lines[1], lines[2..]) : null;
    }
}
