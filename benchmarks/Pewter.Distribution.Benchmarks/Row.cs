using System.Globalization;

namespace Pewter.Distribution.Benchmarks;

/// <summary>One row of the table, printed as a line of JSON.</summary>
internal static class Row
{
    public static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    /// <summary>Times: the ratio is what the target is about.</summary>
    public static void Print(string id, double ours, string rival, double theirs, double ratio, string target, bool pass, string note)
    {
        var numbers = string.Create(CultureInfo.InvariantCulture, $"\"ours\":{ours:0.#},\"unit\":\"ms\",\"theirs\":{theirs:0.#},\"ratio\":{ratio:0.##}");
        var words = $"\"rival\":\"{rival}\",\"target\":\"{target}\",\"pass\":{(pass ? "true" : "false")},\"note\":\"{note}\"";
        Console.WriteLine($"{{\"id\":\"{id}\",{numbers},{words}}}");
    }
}
