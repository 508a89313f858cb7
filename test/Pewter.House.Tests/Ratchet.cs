using System.Globalization;

namespace Pewter.House.Tests;

/// <summary>
/// What is allowed to break a rule for now: lines of <c>rule path count why</c>. More than the count is a failure, and so is less: then the line is
/// made tighter, so that the number only falls.
/// </summary>
internal sealed class Ratchet
{
    private readonly Dictionary<(string Rule, string Path), int> _allowed = [];

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

            ratchet._allowed.Add((words[0], words[1]), int.Parse(words[2], CultureInfo.InvariantCulture));
        }

        return ratchet;
    }

    /// <summary>The violations beyond what is allowed, and the lines that are looser than they need be.</summary>
    public IEnumerable<string> Judge(IReadOnlyCollection<Violation> violations)
    {
        var found = violations.GroupBy(violation => (violation.Rule, violation.Path)).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (key, list) in found.Where(entry => entry.Value.Count > _allowed.GetValueOrDefault(entry.Key)))
        {
            foreach (var violation in list)
            {
                yield return violation.ToString();
            }
        }

        foreach (var (key, allowed) in _allowed)
        {
            var count = found.GetValueOrDefault(key)?.Count ?? 0;
            if (count < allowed)
            {
                yield return $"ratchet.txt allows {key.Rule} {allowed} times in {key.Path}; it is {count} now: tighten the line.";
            }
        }
    }
}
