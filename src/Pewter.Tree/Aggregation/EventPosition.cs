using System.Globalization;
using System.Text.Json;
using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>
/// How far a reader has come in the events of many peers: <c>since N peer=N peer2@peer=N …</c>, with N alone for what is local. Each event names
/// its peer, so a reader can keep such a line and come back with it.
/// </summary>
internal sealed class EventPosition
{
    private readonly Dictionary<string, long> _reached = new(StringComparer.Ordinal);

    /// <summary>Reads a line; EINVAL when it is none.</summary>
    public static EventPosition Parse(string line)
    {
        var position = new EventPosition();
        var words = RcQuoting.Split(line);
        foreach (var word in words.Skip(1))
        {
            var split = word.LastIndexOf('=');
            if (!long.TryParse(word.AsSpan(split + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                words = [];
                break;
            }

            position._reached[split < 0 ? "" : word[..split]] = number;
        }

        return words is ["since", _, ..] ? position
            : throw new FileException(Errno.EINVAL, "Write 'since N peer=N …' with the numbers of the last events you have seen.");
    }

    /// <summary>What to write to the member to go on there; null when nothing is known of it.</summary>
    public string? For(UnionMember member)
    {
        var own = _reached.TryGetValue(member.Label ?? "", out var number) ? number : (long?)null;
        if (member.Label is null)
        {
            return own is null ? null : string.Create(CultureInfo.InvariantCulture, $"since {own}");
        }

        var suffix = "@" + member.Label;
        var nested = _reached.Where(pair => pair.Key.EndsWith(suffix, StringComparison.Ordinal))
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $" {pair.Key[..^suffix.Length]}={pair.Value}"));
        var rest = string.Concat(nested);

        // A number that no log has reached means from now on.
        return own is null && rest.Length == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"since {own ?? long.MaxValue}{rest}");
    }

    /// <summary>Takes note of an event that was passed on.</summary>
    public void Passed(string line)
    {
        using var document = JsonDocument.Parse(line);
        if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("seq", out var seq))
        {
            var peer = document.RootElement.TryGetProperty("peer", out var name) ? name.GetString()! : "";
            _reached[peer] = seq.GetInt64();
        }
    }
}
