using System.Globalization;
using System.Text;
using Pewter.NineP;

namespace Pewter.Sdk.Piping;

/// <summary>
/// Takes a line apart at its pipes: <c>|</c>, <c>|&lt;</c> and <c>|&lt;4</c>, <c>|#|</c>, <c>|#4|</c> and <c>|#key=2|</c>, <c>&gt;|</c>.
/// Quotes and backslashes are those of the shell, and so is all else: what stands between the pipes is not looked into. <c>||</c> is the
/// shell's, too.
/// </summary>
public static class PipelineParser
{
    /// <summary>The stages of a line. EINVAL, with the place, when it is no pipeline.</summary>
    public static IReadOnlyList<PipelineStage> Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var stages = new List<PipelineStage>();
        var text = new StringBuilder();
        PipeOperator? input = null;
        for (var at = 0; at < line.Length;)
        {
            if (TakeQuoted(line, ref at, text))
            {
                continue;
            }

            var start = at;
            if (TakeOperator(line, ref at) is { } pipe)
            {
                stages.Add(Stage(text, input, line, start));
                input = pipe;
                continue;
            }

            // The shell's own "or" is no pipe.
            var count = line.AsSpan(at).StartsWith("||") ? 2 : 1;
            text.Append(line, at, count);
            at += count;
        }

        stages.Add(Stage(text, input, line, line.Length));
        return stages;
    }

    private static PipelineStage Stage(StringBuilder text, PipeOperator? input, string line, int at)
    {
        var command = text.ToString().Trim();
        text.Clear();
        return command.Length > 0 ? new PipelineStage(command, input) : throw Wrong(line, at, "a command is missing here");
    }

    private static bool TakeQuoted(string line, ref int at, StringBuilder text)
    {
        var start = at;
        if (line[at] == '\\')
        {
            at = Math.Min(line.Length, at + 2);
        }
        else if (line[at] is '\'' or '"')
        {
            var quote = line[at++];
            while (at < line.Length && line[at] != quote)
            {
                at += quote == '"' && line[at] == '\\' ? 2 : 1;
            }

            at = at < line.Length ? at + 1 : throw Wrong(line, start, "this quote is not closed");
        }

        text.Append(line, start, at - start);
        return at > start;
    }

    private static PipeOperator? TakeOperator(string line, ref int at)
    {
        var rest = line.AsSpan(at);
        if (rest.StartsWith(">|"))
        {
            at += 2;
            return new PipeOperator(PipeKind.FanIn);
        }

        if (rest.StartsWith("||") || rest[0] != '|')
        {
            return null;
        }

        if (rest.StartsWith("|<"))
        {
            at += 2;
            var digits = Digits(line, at);
            var degree = digits > 0 ? Number(line, at, digits) : (int?)null;
            at += digits;
            return new PipeOperator(PipeKind.FanOut, degree);
        }

        return rest.StartsWith("|#") ? TakeHash(line, ref at) : TakePlain(ref at);
    }

    private static PipeOperator TakePlain(ref int at)
    {
        at++;
        return new PipeOperator(PipeKind.OneToOne);
    }

    private static PipeOperator TakeHash(string line, ref int at)
    {
        const string Key = "key=";
        var start = at;
        var end = line.IndexOf('|', at + 2);
        if (end < 0)
        {
            throw Wrong(line, start, "a hash pipe ends with another '|': |#|, |#4| or |#key=2|");
        }

        int? degree = null;
        int? key = null;
        foreach (var word in line[(at + 2)..end].Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            var number = word.StartsWith(Key, StringComparison.Ordinal) ? word[Key.Length..] : word;
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1)
            {
                throw Wrong(line, start, $"'{word}' is neither a number of instances nor key=N");
            }

            (degree, key) = number.Length == word.Length ? ((int?)value, key) : (degree, (int?)value);
        }

        at = end + 1;
        return new PipeOperator(PipeKind.Hash, degree, key);
    }

    private static int Digits(string line, int at)
    {
        var end = at;
        while (end < line.Length && char.IsAsciiDigit(line[end]))
        {
            end++;
        }

        return end - at;
    }

    private static int Number(string line, int at, int digits) =>
        int.TryParse(line.AsSpan(at, digits), CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw Wrong(line, at, "a stage has at least one instance");

    private static FileException Wrong(string line, int at, string what) =>
        new(Errno.EINVAL, string.Create(CultureInfo.InvariantCulture, $"{what} (column {at + 1}): {line[..at]}»{line[at..]}"));
}
