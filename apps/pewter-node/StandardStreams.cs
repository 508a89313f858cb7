using System.Text;
using Pewter.Linux;

namespace Pewter.Apps.Node;

/// <summary>
/// What the agent says on its standard streams. Nobody may listen any more: that is no reason to end.
/// </summary>
internal static class StandardStreams
{
    private const int Output = 1;
    private const int Error = 2;

    internal static void Print(string line) => Write(Output, line);

    internal static void Complain(string sentence) => Write(Error, $"pewter-node: {sentence}");

    private static void Write(int descriptor, string line) => _ = Descriptors.Write(descriptor, Encoding.UTF8.GetBytes(line + "\n"));
}
