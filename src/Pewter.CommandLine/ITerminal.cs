namespace Pewter.CommandLine;

/// <summary>The terminal that the command line sits at; a test has one of its own.</summary>
public interface ITerminal
{
    /// <summary>Rows and columns; null when it does not say.</summary>
    (int Rows, int Columns)? Size { get; }

    /// <summary>Passes every key on as it is, Ctrl-C included, until the result is disposed.</summary>
    IDisposable MakeRaw();
}
