using System.CommandLine;

namespace Pewter.CommandLine;

/// <summary>
/// Puts the <c>--</c> that people leave out in front of another program's command line: <c>pewter run -n 2 ls -l</c> means <c>pewter run -n
/// 2 -- ls -l</c>, as ssh and sudo read it.
/// </summary>
internal static class ForeignWords
{
    private const string Separator = "--";

    public static IReadOnlyList<string> Separate(RootCommand root, IReadOnlyList<string> words)
    {
        Command command = root;
        for (var i = 0; i < words.Count && words[i] != Separator; i++)
        {
            if (words[i].StartsWith('-'))
            {
                i += TakesNextWord(command, root, words[i]) ? 1 : 0;
            }
            else if (command is PewterCommand { RunsForeignProgram: true })
            {
                return [.. words.Take(i), Separator, .. words.Skip(i)];
            }
            else if (command.Subcommands.FirstOrDefault(child => child.Name == words[i]) is { } child)
            {
                command = child;
            }
            else
            {
                break;
            }
        }

        return words;
    }

    private static bool TakesNextWord(Command command, RootCommand root, string word) =>
        command.Options.Concat(root.Options).FirstOrDefault(option => option.Name == word || option.Aliases.Contains(word))
            is { Arity.MinimumNumberOfValues: > 0 };
}
