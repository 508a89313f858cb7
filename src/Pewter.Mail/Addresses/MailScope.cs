namespace Pewter.Mail;

/// <summary>How far a name reaches, or how far is looked for one.</summary>
public enum MailScope : byte
{
    /// <summary>All nodes that are joined.</summary>
    Cluster = 0,

    /// <summary>The own node only.</summary>
    Node = 1,
}
