using System.Text;

namespace Pewter.Tree.Benchmarks;

/// <summary>One line of the table: what was measured, against which target.</summary>
internal sealed record Row(string Id, double Ours, string Unit, double AtMost, string Note)
{
    public void Print() => Console.Write(Encoding.UTF8.GetString(JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteNumber("ours", Math.Round(Ours, 3));
        json.WriteString("unit", Unit);
        json.WriteString("target", FormattableString.Invariant($"<= {AtMost} {Unit}"));
        json.WriteBoolean("pass", Ours <= AtMost);
        json.WriteString("note", Note);
        json.WriteEndObject();
    }).Span));
}
