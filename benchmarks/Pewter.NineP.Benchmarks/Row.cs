using System.Globalization;

namespace Pewter.NineP.Benchmarks;

/// <summary>One line of the table.</summary>
internal sealed record Row(
    string Id, double Ours, string Unit, string Rival, double Theirs, double Ratio, string Comparison, double Target)
{
    public string ToJson()
    {
        var pass = Comparison == ">=" ? Ratio >= Target : Ratio <= Target;
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"{{Id}}","ours":{{Ours:0.##}},"unit":"{{Unit}}","rival":"{{Rival}}","theirs":{{Theirs:0.##}},"ratio":{{Ratio:0.###}},"target":"{{Comparison}} {{Target}}","pass":{{(pass ? "true" : "false")}},"note":""}""");
    }
}
