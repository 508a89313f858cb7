using System.Text;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>Names side by side on a terminal, one a line elsewhere, as <c>ls</c> does.</summary>
internal static class NameColumns
{
    private const int Gap = 2;

    public static string Render(IReadOnlyList<TreeEntry> names, CommandHost host, TextStyle style)
    {
        if (!host.OutputIsTerminal || names.Count == 0)
        {
            return string.Concat(names.Select(name => name.Marked() + "\n"));
        }

        var cell = names.Max(name => name.Marked().Length) + Gap;
        var columns = Math.Max(1, host.Width() / cell);
        var rows = (names.Count + columns - 1) / columns;
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            var line = new StringBuilder();
            for (var at = row; at < names.Count; at += rows)
            {
                var marked = names[at].Marked();
                line.Append(marked.EndsWith('/') ? style.Strong(marked) : marked).Append(' ', at + rows < names.Count ? cell - marked.Length : 0);
            }

            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}
