using System.Buffers.Binary;
using System.Net;
using Pewter.Networks.Addresses;

namespace Pewter.Networks.Plane.Names;

/// <summary>
/// The names of a segment: those of its members in its domain, and those of its addresses. It speaks for both, and for
/// nothing else. Pure; made anew with
/// each plan.
/// </summary>
internal sealed class NameZone
{
    public const byte NoError = 0;
    public const byte NoSuchName = 3;
    public const byte Refused = 5;

    /// <summary>Members come and go: 5 s is as long as an old address may be believed.</summary>
    private const uint Seconds = 5;
    private const string Reverse = ".in-addr.arpa";

    private readonly Dictionary<string, uint> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly string _domain;
    private readonly Subnet _subnet;

    public NameZone(SegmentPlan plan)
    {
        (_domain, _subnet) = (plan.Domain, Subnet.TryParse(plan.Cidr, out var subnet) ? subnet : default);
        Add("gateway", Subnet.ParseAddress(plan.Gateway));
        foreach (var host in plan.Hosts)
        {
            foreach (var name in host.Names)
            {
                Add(name, Subnet.ParseAddress(host.Address));
            }
        }
    }

    /// <summary>Answers a question about the segment; null when it is about something else.</summary>
    public byte[]? Answer(DnsMessage question)
    {
        if (IsIn(question.Name, _domain))
        {
            return AnswerForward(question);
        }

        return question.Name.EndsWith(Reverse, StringComparison.Ordinal) && TryReverse(question.Name, out var address) && _subnet.Contains(address)
            ? AnswerReverse(question)
            : null;
    }

    private static bool IsIn(string name, string domain) =>
        name == domain || (name.EndsWith(domain, StringComparison.Ordinal) && name[^(domain.Length + 1)] == '.');

    private byte[] AnswerForward(DnsMessage question)
    {
        var isZone = question.Name == _domain;
        if (isZone && question.Type is DnsMessage.AuthorityType or DnsMessage.AnyType)
        {
            question.Answer(DnsMessage.AuthorityType, Seconds, Authority());
        }
        else if (isZone && question.Type == DnsMessage.NameServerType)
        {
            question.Answer(DnsMessage.NameServerType, Seconds, DnsMessage.Encode("gateway." + _domain));
        }
        else if (_addresses.TryGetValue(question.Name, out var address))
        {
            if (question.Type is DnsMessage.AddressType or DnsMessage.AnyType)
            {
                Span<byte> bytes = stackalloc byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
                question.Answer(DnsMessage.AddressType, Seconds, bytes);
            }
            else
            {
                question.Authority(_domain, Seconds, Authority());
            }
        }
        else
        {
            question.Authority(_domain, Seconds, Authority());
            return question.Reply(isZone ? NoError : NoSuchName, isAuthoritative: true);
        }

        return question.Reply(NoError, isAuthoritative: true);
    }

    private byte[] AnswerReverse(DnsMessage question)
    {
        if (_names.TryGetValue(question.Name, out var name))
        {
            if (question.Type is DnsMessage.PointerType or DnsMessage.AnyType)
            {
                question.Answer(DnsMessage.PointerType, Seconds, DnsMessage.Encode(name));
            }

            return question.Reply(NoError, isAuthoritative: true);
        }

        return question.Reply(NoSuchName, isAuthoritative: true);
    }

    private static bool TryReverse(string name, out uint address)
    {
        var parts = name[..^Reverse.Length].Split('.');
        Array.Reverse(parts);
        return Subnet.TryParseAddress(string.Join('.', parts), out address);
    }

    private void Add(string name, uint address)
    {
        var full = $"{name}.{_domain}".ToLowerInvariant();
        _addresses[full] = address;
        var parts = new IPAddress(BinaryPrimitives.ReverseEndianness(address)).ToString().Split('.');
        Array.Reverse(parts);

        // The last name of a host is the one that people gave it.
        _names[string.Join('.', parts) + Reverse] = full;
    }

    // RFC 1035, 3.3.13: the server, whom to write to, and five numbers, of which the last is how long a "no" is kept.
    private byte[] Authority()
    {
        var bytes = new List<byte>([.. DnsMessage.Encode("gateway." + _domain), .. DnsMessage.Encode("root." + _domain)]);
        Span<byte> number = stackalloc byte[4];
        foreach (var value in (ReadOnlySpan<uint>)[1, 3600, 600, 86400, Seconds])
        {
            BinaryPrimitives.WriteUInt32BigEndian(number, value);
            bytes.AddRange(number);
        }

        return [.. bytes];
    }
}
