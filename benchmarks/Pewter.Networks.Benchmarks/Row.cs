using System.Globalization;

namespace Pewter.Networks.Benchmarks;

/// <summary>One row of the table, printed as a line of JSON.</summary>
internal static class Row
{
    public static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    public static void Print(string id, double ours, string unit, string rival, double? theirs, double limit, string note)
    {
        var ratio = theirs is { } other ? (other / ours).ToString("0.###", CultureInfo.InvariantCulture) : "null";
        var their = theirs?.ToString("0.##", CultureInfo.InvariantCulture) ?? "null";
        var pass = ours <= limit ? "true" : "false";
        var figures = string.Create(
            CultureInfo.InvariantCulture, $"\"ours\":{ours:0.##},\"unit\":\"{unit}\",\"rival\":\"{rival}\",\"theirs\":{their}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"id\":\"{id}\",{figures},\"ratio\":{ratio},\"target\":\"<= {limit}\",\"pass\":{pass},\"note\":\"{note}\"}}"));
    }
}
