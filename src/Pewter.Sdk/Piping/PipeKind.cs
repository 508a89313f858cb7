namespace Pewter.Sdk.Piping;

/// <summary>How the records of one stage reach the next.</summary>
public enum PipeKind
{
    /// <summary><c>|</c>: instance by instance, from one to one.</summary>
    OneToOne,

    /// <summary><c>|&lt;</c>: dealt out in turn over many instances.</summary>
    FanOut,

    /// <summary><c>|#|</c>: from many to many; records of the same hash meet at the same instance.</summary>
    Hash,

    /// <summary><c>&gt;|</c>: from many to one.</summary>
    FanIn,
}
