using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Pewter.Configuration;

namespace Pewter.CommandLine;

/// <summary>Says what is wrong with a command line in one sentence, with what was probably meant.</summary>
internal static class UsageError
{
    /// <summary>What is wrong, or null when nothing is.</summary>
    public static string? Find(RootCommand root, ParseResult parsed) =>
        parsed.Errors.Count != 0 ? Explain(root, parsed)
        : Stray(parsed) is { } stray ? UnknownWord(root, parsed.CommandResult, stray)
        : null;

    /// <summary>A mistyped option that was taken for an argument. What stands behind "--" is meant as it is.</summary>
    private static string? Stray(ParseResult parsed)
    {
        if (parsed.CommandResult.Command is PewterCommand { TakesForeignOptions: true })
        {
            return null;
        }

        var plain = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToHashSet();
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Where(token => plain.Contains(token) && token.Value.StartsWith('-') && token.Value.Length > 1)
            .Select(token => token.Value).FirstOrDefault(value => !double.TryParse(value, CultureInfo.InvariantCulture, out _));
    }

    private static string Explain(RootCommand root, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = Path(parsed.CommandResult);
        if (parsed.UnmatchedTokens is [var token, ..])
        {
            return UnknownWord(root, parsed.CommandResult, token);
        }

        if (command.Subcommands.Count != 0 && command.Action is null)
        {
            return $"'{path}' needs one of these words: {string.Join(", ", command.Subcommands.Select(child => child.Name))}. {Help(path)}";
        }

        var message = string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return $"{char.ToLowerInvariant(message[0])}{message[1..]}. {Help(path)}";
    }

    private static string UnknownWord(RootCommand root, CommandResult result, string word)
    {
        var command = result.Command;
        var isOption = word.StartsWith('-');
        var candidates = isOption
            ? command.Options.Concat(root.Options).SelectMany(option => option.Aliases.Prepend(option.Name)).Append("--help")
            : command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name);
        var kind = isOption ? "option" : command.Subcommands.Count != 0 ? "command" : "argument";
        return $"there is no {kind} '{word}' here.{Suggestion.Sentence(word, candidates)} {Help(Path(result))}";
    }

    private static string Help(string path) => $"See '{path} --help'.";

    private static string Path(SymbolResult? result) =>
        result is CommandResult { Parent: { } parent } command ? $"{Path(parent)} {command.Command.Name}" : "pewter";
}
