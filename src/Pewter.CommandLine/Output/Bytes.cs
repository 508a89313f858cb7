using System.Globalization;

namespace Pewter.CommandLine.Output;

/// <summary>Sizes for people, by powers of 1024.</summary>
internal static class Bytes
{
    private static readonly string[] Units = ["B", "K", "M", "G", "T", "P"];

    public static string Text(long bytes)
    {
        var unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? bytes.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{value:0.#}{Units[unit]}");
    }
}
