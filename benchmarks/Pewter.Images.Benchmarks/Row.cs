using System.Globalization;

namespace Pewter.Images.Benchmarks;

/// <summary>One row of the table, printed as a line of JSON.</summary>
internal static class Row
{
    public static double Percentile(IReadOnlyList<double> values, double part) =>
        values.Order().ElementAt((int)Math.Min(values.Count - 1, Math.Ceiling(values.Count * part) - 1));

    public static void Print(string id, double ours, string unit, double limit, bool atMost, string note, double? rival = null)
    {
        var pass = atMost ? ours <= limit : ours >= limit;
        var theirs = rival?.ToString("0.##", CultureInfo.InvariantCulture) ?? "null";
        var target = string.Create(CultureInfo.InvariantCulture, $"{(atMost ? "<=" : ">=")} {limit}");
        var figure = ours.ToString("0.##", CultureInfo.InvariantCulture);
        var start = $$"""{"id":"{{id}}","ours":{{figure}},"unit":"{{unit}}","rival":"","theirs":{{theirs}},"ratio":null,""";
        Console.WriteLine(start + $$""" "target":"{{target}}","pass":{{(pass ? "true" : "false")}},"note":"{{note}}"}""");
    }
}
