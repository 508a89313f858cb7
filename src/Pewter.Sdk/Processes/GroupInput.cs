namespace Pewter.Sdk;

/// <summary>What becomes of what is written to the input of a group.</summary>
public enum GroupInput
{
    /// <summary>Every process gets all of it.</summary>
    All,

    /// <summary>It is dealt out in turn, line by line.</summary>
    Deal,
}
