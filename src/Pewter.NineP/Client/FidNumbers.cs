namespace Pewter.NineP.Client;

/// <summary>Fid numbers of a connection; a number is used again after its clunk has been answered. Any thread.</summary>
internal sealed class FidNumbers
{
    private readonly Lock _gate = new();
    private readonly Stack<uint> _returned = new();
    private uint _next;

    public uint Take()
    {
        lock (_gate)
            return _returned.TryPop(out var number) ? number : _next++;
    }

    public void Return(uint number)
    {
        lock (_gate)
            _returned.Push(number);
    }
}
