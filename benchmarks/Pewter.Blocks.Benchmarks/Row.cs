using System.Text.Json;

namespace Pewter.Blocks.Benchmarks;

/// <summary>One line of the report.</summary>
internal sealed record Row(string Id, double Ours, string Unit, string Rival, double Theirs, double Ratio, string Target, bool Pass, string Note)
{
    /// <summary>Ours must be at least so many times the rival's.</summary>
    public static Row AtLeast(string id, double ours, string unit, string rival, double theirs, double target, string note = "") =>
        new(id, ours, unit, rival, theirs, ours / theirs, FormattableString.Invariant($">= {target}"), ours / theirs >= target, note);

    /// <summary>Ours must be at most so many times the rival's.</summary>
    public static Row AtMost(string id, double ours, string unit, string rival, double theirs, double target, string note = "") =>
        new(id, ours, unit, rival, theirs, ours / theirs, FormattableString.Invariant($"<= {target}"), ours / theirs <= target, note);

    /// <summary>Ours alone must be at most so much.</summary>
    public static Row Limit(string id, double ours, string unit, double target, string note = "") =>
        new(id, ours, unit, "", 0, 0, FormattableString.Invariant($"<= {target} {unit}"), ours <= target, note);

    public void Print()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("id", Id);
            json.WriteNumber("ours", Math.Round(Ours, 3));
            json.WriteString("unit", Unit);
            json.WriteString("rival", Rival);
            json.WriteNumber("theirs", Math.Round(Theirs, 3));
            json.WriteNumber("ratio", Math.Round(Ratio, 3));
            json.WriteString("target", Target);
            json.WriteBoolean("pass", Pass);
            json.WriteString("note", Note);
            json.WriteEndObject();
        }

        Console.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }
}
