namespace Pewter.CommandLine;

/// <summary>Signals that reach this program: the kernel's in the program, a script's in a test.</summary>
public interface ISignalSource
{
    /// <summary>Takes these signals, by names such as INT, away from their defaults until disposed; the action is told each, on any thread.</summary>
    IDisposable Take(IReadOnlyList<string> names, Action<string> taken);
}
