using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Pewter.Linux;

namespace Pewter.Mail;

/// <summary>
/// Whom a message is for, or what a mailbox is bound to: a mailbox's own address, a service's numbers, a symbolic name,
/// or a name with
/// numbers: <c>printer@{8080,1,1}</c>, as the seed writes it. A scope may follow: <c>printer/node</c>,
/// <c>{8080,1}/cluster</c>.
/// </summary>
/// <remarks>
/// A name with numbers matches a binding that has a name by the name, one that has numbers by the numbers, and one that
/// has both by both.
/// </remarks>
public readonly record struct MailTarget
{
    /// <summary>255, as a file's name has: the name is a directory of <c>/mail</c>.</summary>
    public const int NameLengthMax = 255;

    private static readonly SearchValues<char> NotInNames = SearchValues.Create("/@{}: ");

    /// <summary>The mailbox itself.</summary>
    public MailTarget(PortAddress port) => Port = port;

    /// <summary>A service.</summary>
    public MailTarget(ServiceRange range, MailScope scope = MailScope.Cluster) => (Range, Scope) = (range, scope);

    /// <summary>A name, perhaps with numbers.</summary>
    /// <exception cref="MailException">EINVAL: it cannot be a name.</exception>
    public MailTarget(string name, ServiceRange? range = null, MailScope scope = MailScope.Cluster) =>
        (Name, Range, Scope) = (IsName(name) ? name : throw NoName(name), range, scope);

    /// <summary>The mailbox's own address; none when it is a name.</summary>
    public PortAddress Port { get; }

    /// <summary>The symbolic name, or null.</summary>
    public string? Name { get; }

    /// <summary>The numbers, or null.</summary>
    public ServiceRange? Range { get; }

    /// <summary>How far it reaches.</summary>
    public MailScope Scope { get; }

    /// <summary>Whether it is a mailbox's own address, which needs no look-up.</summary>
    public bool IsPort => !Port.IsNone;

    /// <summary>The mailbox itself.</summary>
    public static implicit operator MailTarget(PortAddress port) => FromPortAddress(port);

    /// <summary>The mailbox itself.</summary>
    public static MailTarget FromPortAddress(PortAddress port) => new(port);

    /// <summary>Reads a target as it is written.</summary>
    /// <exception cref="MailException">EINVAL: it is none.</exception>
    public static MailTarget Parse(string text) => TryParse(text, out var target) ? target
        : throw new MailException(
            LinuxErrno.EINVAL,
            $"'{text}' is no address: write a name, {{type}}, {{type,instance}}, {{type,lower,upper}}, name@{{…}} or node:office:port.");

    /// <summary>Reads a target as it is written.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MailTarget target)
    {
        target = default;
        if (PortAddress.TryParse(text, out var port) && !port.IsNone)
        {
            target = new MailTarget(port);
            return true;
        }

        var scope = MailScope.Cluster;
        if (text is null || !TakeScope(ref text, ref scope))
        {
            return false;
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        var (name, numbers) = at >= 0 ? (text[..at], text[(at + 1)..]) : text.StartsWith('{') ? ("", text) : (text, "");
        var range = default(ServiceRange);
        var hasNumbers = at >= 0 || name.Length == 0;
        if ((hasNumbers && !ServiceRange.TryParse(numbers, out range)) || (name.Length == 0 ? at >= 0 : !IsName(name)))
        {
            return false;
        }

        target = name.Length == 0 ? new MailTarget(range, scope) : new MailTarget(name, numbers.Length == 0 ? null : range, scope);
        return true;
    }

    /// <summary>Whether a binding under <paramref name="bound"/> is found by this.</summary>
    public bool Matches(in MailTarget bound)
    {
        var byName = Name is not null && bound.Name is not null;
        var byRange = Range is not null && bound.Range is not null;
        return (byName || byRange) && (!byName || Name == bound.Name) && (!byRange || Range!.Value.Intersects(bound.Range!.Value));
    }

    /// <inheritdoc/>
    public override string ToString() => IsPort ? Port.ToString()
        : Name + (Name is not null && Range is not null ? "@" : "") + Range?.ToString() + (Scope == MailScope.Node ? "/node" : "");

    /// <summary>
    /// Whether a text can be a symbolic name: no control characters, none of <c>/ @ { } :</c>, no leading dot.
    /// </summary>
    public static bool IsName([NotNullWhen(true)] string? text) => text is { Length: > 0 and <= NameLengthMax } && text[0] != '.'
        && !text.AsSpan().ContainsAny(NotInNames) && !text.Any(char.IsControl);

    private static bool TakeScope(ref string text, ref MailScope scope)
    {
        var slash = text.LastIndexOf('/');
        if (slash < 0)
        {
            return true;
        }

        scope = text.AsSpan(slash).SequenceEqual("/node") ? MailScope.Node : MailScope.Cluster;
        var isScope = scope == MailScope.Node || text.AsSpan(slash).SequenceEqual("/cluster");
        text = text[..slash];
        return isScope;
    }

    private static MailException NoName(string name) =>
        new(LinuxErrno.EINVAL, $"'{name}' cannot be a name: 1 to {NameLengthMax} characters, none of / @ {{ }} : or space, no leading dot.");
}
