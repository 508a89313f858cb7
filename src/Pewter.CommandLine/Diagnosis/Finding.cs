namespace Pewter.CommandLine.Diagnosis;

/// <summary>What was found of one thing that Pewter uses.</summary>
/// <param name="Name">The thing.</param>
/// <param name="Verdict">Whether it works.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Mend">The command that mends it; null when it works or nothing would.</param>
internal sealed record Finding(string Name, Verdict Verdict, string Detail, string? Mend = null)
{
    public static Finding Works(string name, string detail) => new(name, Verdict.Ok, detail);

    /// <summary>Pewter does without it: something is slower or not offered.</summary>
    public static Finding Lacks(string name, string detail, string? mend = null) => new(name, Verdict.Limited, detail, mend);

    /// <summary>Pewter cannot run like this.</summary>
    public static Finding Fails(string name, string detail, string? mend = null) => new(name, Verdict.Broken, detail, mend);
}
