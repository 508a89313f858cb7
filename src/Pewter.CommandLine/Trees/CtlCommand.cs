using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Trees;

/// <summary>Runs one command on a ctl and gives its result line; for commands that print something of their own.</summary>
internal static class CtlCommand
{
    /// <summary>Writes words, each quoted where it must be, and reads the result back from the same open.</summary>
    /// <exception cref="FileException">The command failed.</exception>
    public static async ValueTask<JsonDocument> RunAsync(TreeClient tree, string ctl, IEnumerable<string> words, CancellationToken cancellation)
    {
        var entry = await tree.FindAsync(ctl, cancellation);
        await using var open = await tree.OpenAsync(entry.File, OpenFlags.ReadWrite, cancellation);
        await TreeClient.WriteAllAsync(open, 0, Encoding.UTF8.GetBytes(string.Join(' ', words.Select(Quote)) + "\n"), cancellation);
        using var bytes = new MemoryStream();
        await foreach (var piece in TreeClient.ReadOpenAsync(open, cancellation))
        {
            bytes.Write(piece.Span);
        }

        return JsonDocument.Parse(bytes.ToArray());
    }

    /// <summary>rc's quoting: 'it''s'.</summary>
    private static string Quote(string word) => word.Length != 0 && word.All(IsPlain) ? word : $"'{word.Replace("'", "''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || "-_./=:,@+%".Contains(character, StringComparison.Ordinal);
}
