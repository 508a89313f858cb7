namespace Pewter.System.Tests;

/// <summary>What a program did.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>A member of each object of the JSON array that it printed.</summary>
    public IEnumerable<string?> Nodes(string member)
    {
        using var json = global::System.Text.Json.JsonDocument.Parse(Output);
        return [.. json.RootElement.EnumerateArray().Select(item => item.GetProperty(member).GetString())];
    }
}
