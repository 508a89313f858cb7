namespace Pewter.CommandLine.Diagnosis;

/// <summary>How good it is.</summary>
internal enum Verdict
{
    /// <summary>It works.</summary>
    Ok,

    /// <summary>Pewter runs without it and offers less.</summary>
    Limited,

    /// <summary>Pewter cannot run like this.</summary>
    Broken,
}
