using System.Globalization;

namespace Pewter.Mail.Benchmarks;

/// <summary>One row of the table, printed as a line of JSON.</summary>
internal static class Row
{
    public static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    public static void Print(
        string id, double ours, string unit, string rival, double theirs, double ratio, string target, bool pass, string note) =>
        Console.WriteLine(string.Concat(
            Line($$"""{ "id":"{{id}}","ours":{{ours:0.##}},"unit":"{{unit}}","rival":"{{rival}}","theirs":{{theirs:0.##}}, """),
            Line($$"""  "ratio":{{ratio:0.###}},"target":"{{target}}","pass":{{(pass ? "true" : "false")}},"note":"{{note}}"}""")));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
