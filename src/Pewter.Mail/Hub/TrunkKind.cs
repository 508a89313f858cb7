namespace Pewter.Mail;

/// <summary>What a trunk is, from the side of a hub.</summary>
public enum TrunkKind
{
    /// <summary>Up or down the tree of daemons: every name and process is told over it, and mail that has no shorter way goes by it.</summary>
    Tree = 0,

    /// <summary>
    /// To the hub of a node that hangs on this one, such as a cell: it speaks for one name space and is told of that one
    /// only.
    /// </summary>
    Node = 1,

    /// <summary>Between the hubs of two machines, past the tree. Each tells what is its own.</summary>
    Direct = 2,
}
