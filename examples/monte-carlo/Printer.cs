using System.Globalization;

namespace MonteCarlo;

/// <summary>Adds up what workers found and prints the estimate of π, at each result and at the end.</summary>
internal static class Printer
{
    public static int Run(TextReader results, TextWriter page)
    {
        var (points, inside, count) = (0L, 0L, 0);
        while (results.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            points += long.Parse(words[0], CultureInfo.InvariantCulture);
            inside += long.Parse(words[1], CultureInfo.InvariantCulture);
            var estimate = (4.0 * inside / points).ToString("0.000000", CultureInfo.InvariantCulture);
            page.WriteLine($"{++count} results, {points} points: pi = {estimate}");
        }

        return count > 0 ? 0 : 1;
    }
}
