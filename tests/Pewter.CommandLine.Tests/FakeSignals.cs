namespace Pewter.CommandLine.Tests;

/// <summary>Signals that a test sends.</summary>
internal sealed class FakeSignals : ISignalSource, IDisposable
{
    private Action<string>? _taken;

    public bool IsTaken => _taken is not null;

    public void Send(string name) => _taken?.Invoke(name);

    public IDisposable Take(IReadOnlyList<string> names, Action<string> taken)
    {
        _taken = name =>
        {
            Assert.Contains(name, names);
            taken(name);
        };
        return this;
    }

    public void Dispose() => _taken = null;
}
