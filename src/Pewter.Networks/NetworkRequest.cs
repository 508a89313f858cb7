using System.Net;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Networks.Addresses;
using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>A wish for a network, as it was written. <see cref="Check"/> says what is wrong with it before anything is made.</summary>
internal sealed record NetworkRequest
{
    // 1 to 4094: IEEE 802.1Q keeps the two outermost. 24 bits: RFC 7348.
    private const int LastVlan = 4094;
    private const int LastVni = (1 << 24) - 1;

    public string? Name { get; init; }

    public string? Cidr { get; init; }

    public string? Range { get; init; }

    public string? Gateway { get; init; }

    public string? Domain { get; init; }

    public string? Switch { get; init; }

    public int? Vlan { get; init; }

    public bool IsTunnel { get; init; }

    public int? Vni { get; init; }

    public string? Local { get; init; }

    public IReadOnlyList<string> Remotes { get; init; } = [];

    public IReadOnlyList<string> Forward { get; init; } = [];

    public bool IsPersistent { get; init; } = true;

    public TimeSpan? Lease { get; init; }

    /// <summary>Reads the arguments of <c>create</c>.</summary>
    public static NetworkRequest Read(CommandCall call) => new()
    {
        Name = call.Word("name", null),
        Cidr = call.Word("cidr", null),
        Range = call.Word("range", null),
        Gateway = call.Word("gateway", null),
        Domain = call.Word("domain", null),
        Switch = call.Word("switch", null),
        Vlan = Bounded(call, "vlan", LastVlan),
        IsTunnel = call.Word("qinq", "no") == "yes",
        Vni = Bounded(call, "vni", LastVni),
        Local = call.Word("local", null),
        Remotes = Addresses(call, "remote"),
        Forward = Addresses(call, "forward"),
        Lease = call.Has("lease") ? call.Duration("lease") : null,
    };

    /// <summary>The subnet, the gateway and the members' range; null for the subnet when any free one will do.</summary>
    /// <exception cref="FileException">EINVAL: they cannot be.</exception>
    public void Check(Caller caller)
    {
        Demand(Cidr is null || Subnet.TryParse(Cidr, out _),
            $"cidr is a range such as 10.42.0.0/24, of a prefix from 8 to 30 and with zeros behind it, not '{Cidr}'");
        Demand(Range is null || AddressRange.TryParse(Range, out _), $"range is two addresses such as 10.42.0.10-10.42.0.99, not '{Range}'");
        Demand(Domain is null || IsDomain(Domain), $"domain is a name such as lab.example, not '{Domain}'");
        Demand((Vlan is null && !IsTunnel) || Switch is not null, "a VLAN is one of a switch: name it with switch=");
        Demand(Vni is null || (Local is not null && IPAddress.TryParse(Local, out _)),
            "vni= needs local=, the address of this machine that the others reach");
        Demand(Vni is not null || (Local is null && Remotes.Count == 0), "local= and remote= go with vni=");
        Demand(Vni is null || Switch is null, "a network between machines is a bridge of its own here: vni= and switch= do not go together");
        if ((Vni is not null || Forward.Count > 0) && !caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "Only an administrator may let a network reach beyond this machine (vni=, forward=).");
        }
    }

    /// <summary>Refuses with a sentence unless the condition holds.</summary>
    public static void Demand(bool condition, string sentence)
    {
        if (!condition)
        {
            throw new FileException(Errno.EINVAL, $"No such network: {sentence}.");
        }
    }

    private static bool IsDomain(string text) =>
        text.Length <= 100 && text.Split('.')
            .All(label => label.Length is > 0 and <= 63 && label.All(character => char.IsAsciiLetterOrDigit(character) || character == '-'));

    private static int? Bounded(CommandCall call, string name, int most)
    {
        if (!call.Has(name))
        {
            return null;
        }

        var value = call.Int(name);
        Demand(value >= 1 && value <= most, $"{name} is a number from 1 to {most}, not {value}");
        return (int)value;
    }

    private static string[] Addresses(CommandCall call, string name)
    {
        var words = call.Word(name, "")!.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var wrong = Array.Find(words, word => !IPAddress.TryParse(word, out _));
        Demand(wrong is null, $"{name} is one or more addresses with commas, not '{wrong}'");
        return words;
    }
}
