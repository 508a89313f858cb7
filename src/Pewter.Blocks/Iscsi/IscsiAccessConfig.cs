namespace Pewter.Blocks.Iscsi;

/// <summary>Who may use a target, as configured.</summary>
/// <param name="Initiator">An initiator's iSCSI name, or <see cref="AnyInitiator"/>.</param>
public sealed record IscsiAccessConfig(string Initiator)
{
    /// <summary>Opens a target to every initiator; only for those who write it out.</summary>
    public const string AnyInitiator = "*";

    /// <summary>What the initiator proves itself with; null asks for no proof.</summary>
    public ChapCredentials? Chap { get; init; }

    /// <summary>
    /// What the target proves itself with when the initiator asks; its secret differs from the initiator's.
    /// </summary>
    public ChapCredentials? MutualChap { get; init; }

    /// <summary>The initiator may not write.</summary>
    public bool IsReadOnly { get; init; }
}
