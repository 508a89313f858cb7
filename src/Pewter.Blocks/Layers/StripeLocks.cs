namespace Pewter.Blocks.Layers;

/// <summary>
/// The locks of a disk's writes: one stripe covers whole map pages (4 MiB), so a block's data and its entry change together. Lock order: the
/// flush gate, then stripes in ascending order, then an open layer's own lock.
/// </summary>
internal sealed class StripeLocks
{
    private const int Count = 16;
    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Count).Select(_ => new Lock())];

    public Lock Of(int page) => _stripes[page & (Count - 1)];

    /// <summary>Runs with no write in progress.</summary>
    public T RunAlone<T>(Func<T> action)
    {
        int held = 0;
        try
        {
            for (; held < Count; held++)
                _stripes[held].Enter();
            return action();
        }
        finally
        {
            while (held > 0)
                _stripes[--held].Exit();
        }
    }
}
