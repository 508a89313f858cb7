using System.Globalization;

namespace Pewter.House.Tests;

/// <summary>
/// What is allowed to break a rule for now: lines of <c>rule path count why</c>. More than the count is a failure, and so is less: then the line is
/// made tighter, so that the number only falls.
/// </summary>
internal sealed class Ratchet
{
    private const string NoReason = "older than the rule";

    private readonly Dictionary<(string Rule, string Path), (int Count, string Why)> _allowed = [];
    private string _head = "";

    public static Ratchet Parse(string text)
    {
        var ratchet = new Ratchet();
        foreach (var line in text.Split('\n').Where(line => line.Length != 0 && line[0] != '#'))
        {
            var words = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 4)
            {
                throw new FormatException($"A line of the ratchet is 'rule path count why', not: {line}");
            }

            ratchet._allowed.Add((words[0], words[1]), (int.Parse(words[2], CultureInfo.InvariantCulture), words[3]));
        }

        ratchet._head = string.Concat(text.Split('\n').TakeWhile(line => line.StartsWith('#')).Select(line => line + "\n"));

        return ratchet;
    }

    /// <summary>The violations beyond what is allowed, and the lines that are looser than they need be.</summary>
    public IEnumerable<string> Judge(IReadOnlyCollection<Violation> violations)
    {
        var found = violations.GroupBy(violation => (violation.Rule, violation.Path)).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (key, list) in found.Where(entry => entry.Value.Count > _allowed.GetValueOrDefault(entry.Key).Count))
        {
            foreach (var violation in list)
            {
                yield return violation.ToString();
            }
        }

        foreach (var (key, (allowed, _)) in _allowed)
        {
            var count = found.GetValueOrDefault(key)?.Count ?? 0;
            if (count < allowed)
            {
                yield return $"ratchet.txt allows {key.Rule} {allowed} times in {key.Path}; it is {count} now: "
                    + "tighten the line ('PEWTER_RATCHET=write ./test house').";
            }
        }
    }

    /// <summary>The file that allows exactly what there is, with the reasons that were given before.</summary>
    public string Write(IEnumerable<Violation> violations) => _head + string.Concat(violations
        .GroupBy(violation => (violation.Rule, violation.Path))
        .OrderBy(group => group.Key.Rule, StringComparer.Ordinal).ThenBy(group => group.Key.Path, StringComparer.Ordinal)
        .Select(group => $"{group.Key.Rule} {group.Key.Path} {group.Count()} {_allowed.GetValueOrDefault(group.Key).Why ?? NoReason}\n"));
}
