using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pewter.Mail;

/// <summary>
/// Instances of a numbered service, as TIPC has them: <c>{8080}</c> all of a type, <c>{8080,5}</c> one,
/// <c>{8080,5,9}</c> five to nine.
/// </summary>
/// <param name="Type">The service.</param>
/// <param name="Lower">The first instance.</param>
/// <param name="Upper">The last instance.</param>
public readonly record struct ServiceRange(uint Type, uint Lower, uint Upper)
{
    /// <summary>One instance.</summary>
    public ServiceRange(uint type, uint instance)
        : this(type, instance, instance)
    {
    }

    /// <summary>Whether both have an instance in common.</summary>
    public bool Intersects(ServiceRange other) => Type == other.Type && Lower <= other.Upper && other.Lower <= Upper;

    /// <summary>Reads <c>{type}</c>, <c>{type,instance}</c> or <c>{type,lower,upper}</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ServiceRange range)
    {
        range = default;
        if (text is not { Length: > 2 } || text[0] != '{' || text[^1] != '}')
        {
            return false;
        }

        var parts = text[1..^1].Split(',');
        var numbers = new uint[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!uint.TryParse(parts[i].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return false;
            }
        }

        range = numbers.Length switch
        {
            1 => new ServiceRange(numbers[0], 0, uint.MaxValue),
            2 => new ServiceRange(numbers[0], numbers[1]),
            3 => new ServiceRange(numbers[0], numbers[1], numbers[2]),
            _ => default,
        };
        return numbers.Length <= 3 && range.Lower <= range.Upper;
    }

    /// <inheritdoc/>
    public override string ToString() => (Lower, Upper) switch
    {
        (0, uint.MaxValue) => string.Create(CultureInfo.InvariantCulture, $"{{{Type}}}"),
        _ when Lower == Upper => string.Create(CultureInfo.InvariantCulture, $"{{{Type},{Lower}}}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{{{Type},{Lower},{Upper}}}"),
    };
}
