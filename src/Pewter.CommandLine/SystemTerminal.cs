using Pewter.Linux.Ptys;

namespace Pewter.CommandLine;

/// <summary>The terminal behind standard input.</summary>
internal sealed class SystemTerminal(int descriptor) : ITerminal
{
    public (int Rows, int Columns)? Size => TerminalMode.SizeOf(descriptor) is { } size ? (size.Rows, size.Columns) : null;

    public IDisposable MakeRaw() => TerminalMode.TryMakeRaw(descriptor) ?? throw new IOException("Standard input is no terminal any more.");
}
