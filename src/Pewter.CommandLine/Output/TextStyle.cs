namespace Pewter.CommandLine.Output;

/// <summary>Emphasis on a terminal that wants it; plain text everywhere else. See no-color.org.</summary>
public sealed record TextStyle(bool IsOn)
{
    /// <summary>No emphasis.</summary>
    public static TextStyle Plain { get; } = new(false);

    /// <summary>Headings and names.</summary>
    public string Strong(string text) => Wrap("1", text);

    /// <summary>What went well.</summary>
    public string Good(string text) => Wrap("32", text);

    /// <summary>What needs a look.</summary>
    public string Doubtful(string text) => Wrap("33", text);

    /// <summary>What failed.</summary>
    public string Bad(string text) => Wrap("31", text);

    private string Wrap(string code, string text) => IsOn ? $"\e[{code}m{text}\e[0m" : text;
}
