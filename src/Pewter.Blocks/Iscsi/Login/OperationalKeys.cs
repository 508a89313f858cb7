using System.Globalization;

namespace Pewter.Blocks.Iscsi.Login;

/// <summary>
/// Answers the operational keys of RFC 7143 13, each by its result function. A pure object, one for each login.
/// </summary>
/// <param name="limits">Our side of every negotiation.</param>
/// <param name="agreed">Takes the results.</param>
/// <param name="isDiscovery">In a discovery session most keys are irrelevant.</param>
/// <param name="isLeading">Session-wide keys are agreed on by a session's first connection alone.</param>
internal sealed class OperationalKeys(IscsiLimits limits, SessionParameters agreed, bool isDiscovery, bool isLeading)
{
    private const string Reject = "Reject", Irrelevant = "Irrelevant", NotUnderstood = "NotUnderstood", Yes = "Yes", No = "No";
    private const int MinDataLength = 512, MaxDataLength = 0xFFFFFF;

    /// <summary>The answer to one key; null when it is a declaration that needs none.</summary>
    public string? Answer(string key, string value)
    {
        switch (key)
        {
            case "HeaderDigest":
                return Digest(value, on => agreed.HeaderDigest = on);
            case "DataDigest":
                return Digest(value, on => agreed.DataDigest = on);
            case "MaxRecvDataSegmentLength":
                return Declare(value);
            case "DefaultTime2Wait":
                return Number(value, 0, 3600, offered => Math.Max(offered, 2), _ => { });
            case "DefaultTime2Retain":
                return Number(value, 0, 3600, _ => 0, _ => { });
            case "ErrorRecoveryLevel":
                return Number(value, 0, 2, _ => 0, _ => { });
            case "OFMarker" or "IFMarker":
                return No;
            case "OFMarkInt" or "IFMarkInt":
                return Reject;
            case "TaskReporting":
                return value.Split(',').Contains("RFC3720") ? "RFC3720" : Reject;
            case "InitiatorAlias":
                return null;
            default:
                return SessionWide(key, value);
        }
    }

    private string? SessionWide(string key, string value)
    {
        Func<string>? answer = key switch
        {
            "MaxConnections" => () => Number(value, 1, 65535, Min(limits.ConnectionsPerSession), v => agreed.MaxConnections = v),
            "InitialR2T" => () => Boolean(value, offered => offered, v => agreed.InitialR2T = v),
            "ImmediateData" => () => Boolean(value, offered => offered, v => agreed.ImmediateData = v),
            "MaxBurstLength" => () => Number(value, MinDataLength, MaxDataLength, Min(limits.Burst), v => agreed.MaxBurst = v),
            "FirstBurstLength" => () => Number(value, MinDataLength, MaxDataLength, Min(limits.FirstBurst), v => agreed.FirstBurst = v),
            "MaxOutstandingR2T" => () => Number(value, 1, 65535, Min(limits.OutstandingR2T), v => agreed.MaxOutstandingR2T = v),
            "DataPDUInOrder" or "DataSequenceInOrder" => () => Boolean(value, _ => true, _ => { }),
            _ => null,
        };
        if (answer is null)
            return NotUnderstood;
        if (isDiscovery)
            return Irrelevant;
        return isLeading ? answer() : Reject;
    }

    private static Func<int, int> Min(int own) => offered => Math.Min(offered, own);

    private string? Declare(string value)
    {
        if (!TryNumber(value, out int length) || length is < MinDataLength or > MaxDataLength)
            return Reject;
        agreed.PeerDataSegment = length;
        return null;
    }

    private static string Digest(string offered, Action<bool> take)
    {
        foreach (string digest in offered.Split(','))
        {
            if (digest is not ("CRC32C" or "None"))
                continue;
            take(digest == "CRC32C");
            return digest;
        }
        return Reject;
    }

    private static string Boolean(string value, Func<bool, bool> decide, Action<bool> take)
    {
        if (value is not (Yes or No))
            return Reject;
        bool result = decide(value == Yes);
        take(result);
        return result ? Yes : No;
    }

    private static string Number(string value, int min, int max, Func<int, int> decide, Action<int> take)
    {
        if (!TryNumber(value, out int offered) || offered < min || offered > max)
            return Reject;
        int result = decide(offered);
        take(result);
        return result.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A numerical value is decimal or, after 0x, hexadecimal (RFC 7143 6.1).</summary>
    private static bool TryNumber(string value, out int number) =>
        value.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
