namespace Pewter.Machines.Tests.Nodes;

/// <summary>What fake nodes are made of. It outlives the daemons of a test, as the kernel does.</summary>
internal sealed class FakeWorld
{
    private readonly HashSet<string> _things = [];

    public void Make(string thing)
    {
        lock (_things)
            Assert.True(_things.Add(thing), $"{thing} was made twice");
    }

    public void Remove(string thing)
    {
        lock (_things)
            _things.Remove(thing);
    }

    public bool Has(string thing)
    {
        lock (_things)
            return _things.Contains(thing);
    }

    public IReadOnlyList<string> Things()
    {
        lock (_things)
            return [.. _things.Order(StringComparer.Ordinal)];
    }
}
