namespace Pewter.Tree;

/// <summary>What a command's argument must be.</summary>
internal enum ParameterKind
{
    /// <summary>Any word.</summary>
    Word,

    /// <summary>One of the listed words.</summary>
    Choice,

    /// <summary>A whole number.</summary>
    Int,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A number with K, M, Gi ….</summary>
    Size,

    /// <summary>A length of time.</summary>
    Duration,
}

/// <summary>One parameter of a command, as its signature declares it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">What it must be.</param>
/// <param name="Choices">The words of a choice.</param>
/// <param name="IsOptional">In square brackets: may be left out.</param>
/// <param name="IsRest">With "…": takes all words that are left.</param>
/// <param name="IsOption">With "=": given as <c>name=value</c>, anywhere.</param>
internal sealed record CommandParameter(
    string Name, ParameterKind Kind, IReadOnlyList<string> Choices, bool IsOptional, bool IsRest, bool IsOption)
{
    /// <summary>
    /// Reads one item of a signature: <c>&lt;name&gt;</c>, <c>[name:int]</c>, <c>&lt;state:on|off&gt;</c>, <c>[mem=size]</c>,
    /// <c>[args...]</c>.
    /// </summary>
    public static CommandParameter Parse(string item)
    {
        var optional = item.StartsWith('[');
        if (item.Length < 3 || item[^1] != (optional ? ']' : '>') || (!optional && item[0] != '<'))
        {
            throw new ArgumentException($"'{item}' in a command's signature is neither <…> nor […].", nameof(item));
        }

        var inner = item[1..^1];
        var rest = inner.EndsWith("...", StringComparison.Ordinal);
        inner = rest ? inner[..^3] : inner;
        var split = inner.IndexOfAny([':', '=']);
        var (name, type) = split < 0 ? (inner, "word") : (inner[..split], inner[(split + 1)..]);
        var choices = type.Contains('|', StringComparison.Ordinal) ? type.Split('|') : [];
        var kind = choices.Length > 0 ? ParameterKind.Choice : type switch
        {
            "word" => ParameterKind.Word,
            "int" => ParameterKind.Int,
            "number" => ParameterKind.Number,
            "size" => ParameterKind.Size,
            "duration" => ParameterKind.Duration,
            _ => throw new ArgumentException($"'{type}' is no type of a command's argument.", nameof(item)),
        };
        return new(name, kind, choices, optional, rest, split >= 0 && inner[split] == '=');
    }

    /// <summary>Null when the word is acceptable, else a sentence that says what is.</summary>
    public string? Complaint(string word) => Kind switch
    {
        ParameterKind.Choice when !Choices.Contains(word) =>
            $"{Name} must be one of {string.Join(", ", Choices)}, not '{word}'{Suggestion.For(word, Choices)}.",
        ParameterKind.Int when !long.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out _) =>
            $"{Name} must be a whole number, not '{word}'.",
        ParameterKind.Number when !double.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out _) =>
            $"{Name} must be a number, not '{word}'.",
        ParameterKind.Size when !Quantity.TryParseSize(word, out _) => $"{Name} must be a size such as 512Mi or 4G, not '{word}'.",
        ParameterKind.Duration when !Quantity.TryParseDuration(word, out _) =>
            $"{Name} must be a length of time such as 500ms, 10s or 2h, not '{word}'.",
        _ => null,
    };
}
