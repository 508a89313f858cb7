using System.Globalization;

namespace Pewter.Node.Benchmarks;

/// <summary>One line of the table; <see cref="Ratio"/> is what the target is about.</summary>
internal sealed record Row(string Id, double Ours, string Unit, string Rival, double Theirs, double Ratio, string Target, bool Pass, string Note = "")
{
    public static Row AtLeast(string id, double ours, string unit, string rival, double theirs, double target, string note = "") =>
        new(id, ours, unit, rival, theirs, ours / theirs, string.Create(CultureInfo.InvariantCulture, $">= {target}"), ours / theirs >= target, note);

    public static Row AtMost(string id, double ours, string unit, double target, string note = "") =>
        new(id, ours, unit, "", 0, ours / target, string.Create(CultureInfo.InvariantCulture, $"<= {target} {unit}"), ours <= target, note);

    public string ToJson() => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{Id}}","ours":{{Ours:0.###}},"unit":"{{Unit}}","rival":"{{Rival}}","theirs":{{Theirs:0.##}},"ratio":{{Ratio:0.###}},"target":"{{Target}}","pass":{{(Pass ? "true" : "false")}},"note":"{{Note}}"}""");
}
