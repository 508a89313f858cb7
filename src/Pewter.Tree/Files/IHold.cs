namespace Pewter.Tree;

/// <summary>Something that lives at least as long as it is held: an object while a fid is open on one of its files.</summary>
internal interface IHold
{
    /// <summary>Counts one more holder.</summary>
    void Acquire();

    /// <summary>Counts one holder less.</summary>
    void Release();
}
