using System.Text;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>The files <c>args</c> and <c>env</c>: words in rc quoting, all on one line or one <c>NAME=value</c> a line.</summary>
internal static class EnvironmentText
{
    internal static byte[] Arguments(IEnumerable<string> words) => Encoding.UTF8.GetBytes(RcQuoting.Join(words) + "\n");

    internal static byte[] Environment(IEnumerable<string> entries) =>
        Encoding.UTF8.GetBytes(string.Concat(entries.Select(entry => RcQuoting.Quote(entry) + "\n")));

    /// <summary>Reads words; EINVAL when a quote is not closed.</summary>
    internal static IReadOnlyList<string> Words(ReadOnlyMemory<byte> content) =>
        RcQuoting.Split(Encoding.UTF8.GetString(content.Span));

    /// <summary>Reads entries; EINVAL for one without a '='.</summary>
    internal static IReadOnlyList<string> Entries(ReadOnlyMemory<byte> content)
    {
        var entries = Words(content);
        var wrong = entries.FirstOrDefault(entry => entry.IndexOf('=', StringComparison.Ordinal) <= 0);
        return wrong is null ? entries : throw new FileException(Errno.EINVAL, $"env: '{wrong}' is not NAME=value.");
    }
}
