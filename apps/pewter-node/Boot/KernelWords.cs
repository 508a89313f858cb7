namespace Pewter.Apps.Node.Boot;

/// <summary>The words of the kernel's command line, by which whoever booted the machine tells what it is to do. Immutable.</summary>
internal sealed class KernelWords
{
    private readonly string[] _words;

    internal KernelWords(string line) => _words = line.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The value of the last word that begins with <c>NAME=</c>; null when there is none.</summary>
    internal string? this[string name] =>
        _words.LastOrDefault(word => word.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    internal static KernelWords Read() => new(File.Exists("/proc/cmdline") ? File.ReadAllText("/proc/cmdline") : "");

    /// <summary>Whether a word stands there by itself.</summary>
    internal bool Has(string word) => _words.Contains(word);
}
