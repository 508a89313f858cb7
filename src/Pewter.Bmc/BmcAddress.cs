namespace Pewter.Bmc;

/// <summary>
/// Where a controller is: <c>ipmi://HOST[:PORT][?cipher=3|17]</c>, <c>redfish://HOST[:PORT][/redfish/v1/Systems/ID][?fingerprint=SHA256]</c>,
/// or <c>redfish+http://…</c> without TLS. A user may stand before the host, a password never.
/// </summary>
public sealed record BmcAddress
{
    private const int RmcpPort = 623;
    private const int Sha256Digits = 64;

    /// <summary>The protocol.</summary>
    public required BmcProtocol Protocol { get; init; }

    /// <summary>A name or an address.</summary>
    public required string Host { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>The user that stands in the address, if any.</summary>
    public string? User { get; init; }

    /// <summary>IPMI: the only cipher suite that is spoken, 3 (SHA-1) or 17 (SHA-256); null: 17, and 3 with a controller that lacks it.</summary>
    public int? CipherSuite { get; init; }

    /// <summary>Redfish: the system's path; null: the only one there is.</summary>
    public string? SystemPath { get; init; }

    /// <summary>Redfish: whether it is spoken without TLS.</summary>
    public bool IsPlain { get; init; }

    /// <summary>
    /// Redfish: the SHA-256 of the only certificate that is accepted, in lower case hex; null: one that the system's authorities vouch for.
    /// </summary>
    public string? Fingerprint { get; init; }

    /// <summary>Reads an address; null, with a sentence that says what is wrong, when it is none. The sentence is empty when all is well.</summary>
    public static BmcAddress? TryParse(string text, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = "";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0
            || uri.Scheme is not ("ipmi" or "redfish" or "redfish+http"))
        {
            error = $"'{Shown(text)}' is no address of a BMC; write ipmi://HOST[:PORT] or redfish://HOST[:PORT].";
            return null;
        }

        if (uri.UserInfo.Contains(':', StringComparison.Ordinal))
        {
            error = "A password does not belong into an address, where everybody can read it; give it with --bmc-password-file.";
            return null;
        }

        var address = new BmcAddress
        {
            Protocol = uri.Scheme == "ipmi" ? BmcProtocol.Ipmi : BmcProtocol.Redfish,
            Host = uri.Host.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : uri.Scheme switch { "ipmi" => RmcpPort, "redfish" => 443, _ => 80 },
            User = uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(uri.UserInfo) : null,
            IsPlain = uri.Scheme == "redfish+http",
            SystemPath = uri.AbsolutePath.Length > 1 ? uri.AbsolutePath : null,
        };
        var (read, wrong) = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(((BmcAddress?)address, (string?)null), Option);
        error = wrong ?? "";
        return read;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        var scheme = Protocol == BmcProtocol.Ipmi ? "ipmi" : IsPlain ? "redfish+http" : "redfish";
        var query = Fingerprint is not null ? $"?fingerprint={Fingerprint}" : CipherSuite is not null ? $"?cipher={CipherSuite}" : "";
        return $"{scheme}://{(User is null ? "" : Uri.EscapeDataString(User) + "@")}{host}:{Port}{SystemPath}{query}";
    }

    private static (BmcAddress?, string?) Option((BmcAddress? Address, string? Error) sofar, string option)
    {
        if (sofar.Address is not { } address || sofar.Error is not null)
            return sofar;
        return option.Split('=', 2) switch
        {
            ["cipher", "3" or "17"] when address.Protocol == BmcProtocol.Ipmi => (address with { CipherSuite = option.EndsWith('3') ? 3 : 17 }, null),
            ["fingerprint", var hex] when address.Protocol == BmcProtocol.Redfish && IsFingerprint(hex) =>
                (address with { Fingerprint = hex.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant() }, null),
            ["cipher", ..] => (null, "cipher is 3 or 17, and only IPMI has it."),
            ["fingerprint", ..] => (null, "fingerprint is the SHA-256 of the BMC's certificate, 64 hex digits, and only Redfish has it."),
            _ => (null, $"There is no option '{option.Split('=')[0]}' in the address of a BMC; there are cipher and fingerprint."),
        };
    }

    private static bool IsFingerprint(string hex) =>
        hex.Replace(":", "", StringComparison.Ordinal) is { Length: Sha256Digits } digits && digits.All(char.IsAsciiHexDigit);

    // A password that was written into the address by mistake must not come back in an error.
    private static string Shown(string text) => text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? "…" + text[at..] : text;
}
