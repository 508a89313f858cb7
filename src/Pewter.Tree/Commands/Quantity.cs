using System.Buffers;
using System.Globalization;

namespace Pewter.Tree;

/// <summary>Numbers with units, as people write them in commands and queries.</summary>
public static class Quantity
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>
    /// Reads a whole number with an optional unit: K M G T are powers of 1000, Ki Mi Gi Ti powers of 1024 (a final B is allowed). A fraction is
    /// allowed when the result is whole: <c>1.5G</c>.
    /// </summary>
    public static bool TryParseSize(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        if (text.EndsWith("B", StringComparison.Ordinal))
        {
            text = text[..^1];
        }

        var scale = 1m;
        if (text.Length > 1 && "KMGT".IndexOf(text[^1], StringComparison.Ordinal) is >= 0 and var power)
        {
            scale = Power(1000, power + 1);
            text = text[..^1];
        }
        else if (text.Length > 2 && text[^1] == 'i' && "KMGT".IndexOf(text[^2], StringComparison.Ordinal) is >= 0 and var binary)
        {
            scale = Power(1024, binary + 1);
            text = text[..^2];
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (text.Length > 24 || !decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var number)
            || Math.Abs(number) > long.MaxValue / scale || decimal.Truncate(number * scale) != number * scale)
        {
            return false;
        }

        value = (long)(number * scale);
        return true;
    }

    /// <summary>Reads a length of time: one or more of <c>7d 3h 20m 5s 100ms 20us</c> run together; a bare number is seconds.</summary>
    public static bool TryParseDuration(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text.IsEmpty)
        {
            return false;
        }

        var seconds = 0m;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(Digits);
            var number = digits < 0 ? text : text[..digits];
            var rest = digits < 0 ? default : text[digits..];
            var letters = rest.IndexOfAny(Digits);
            var unit = letters < 0 ? rest : rest[..letters];
            if (number.Length > 18 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
                || UnitSeconds(unit) is not { } each)
            {
                return false;
            }

            seconds += Math.Min(amount, 1e12m) * each;
            text = letters < 0 ? default : rest[letters..];
        }

        if (seconds > (decimal)TimeSpan.MaxValue.TotalSeconds - 1)
        {
            return false;
        }

        value = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    private static decimal? UnitSeconds(ReadOnlySpan<char> unit) => unit switch
    {
        "" or "s" => 1m,
        "us" => 0.000001m,
        "ms" => 0.001m,
        "m" => 60m,
        "h" => 3600m,
        "d" => 86400m,
        _ => null,
    };

    private static decimal Power(decimal number, int exponent)
    {
        var result = 1m;
        for (; exponent > 0; exponent--)
        {
            result *= number;
        }

        return result;
    }
}
