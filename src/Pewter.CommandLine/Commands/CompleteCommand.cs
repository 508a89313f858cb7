using System.CommandLine;
using System.CommandLine.Completions;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.NineP;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter complete -- WORD…</c>: what the last word may become, for the completion scripts. Words that look like paths are completed from the
/// live tree, within a time that a person does not notice.
/// </summary>
internal sealed class CompleteCommand : PewterCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Argument<string[]> _words = new("WORD") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Func<RootCommand> _root;

    public CompleteCommand(CommandHost host, Func<RootCommand> root)
        : base(host, "complete", "Print what a word may become")
    {
        _root = root;
        Hidden = true;
        Add(_words);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var words = context.Value(_words) ?? [];
        var word = words.Length == 0 ? "" : words[^1];
        string[] before = words.Length == 0 ? [] : words[..^1];
        var command = _root().Parse(before).CommandResult.Command;
        var takesPath = command.Arguments.Any(argument => argument.Name == "PATH");
        var found = word.StartsWith('/') || (takesPath && word.Length == 0)
            ? await PathsAsync(context, word)
            : Words(command, before.LastOrDefault() ?? "", word).Where(item => item.StartsWith(word, StringComparison.Ordinal));
        await context.Output.TextAsync(string.Concat(found.Distinct().Select(item => item + "\n")), context.Cancellation);
        return ExitCode.Ok;
    }

    /// <summary>What may stand behind <paramref name="before"/>: an option's values, the command's own words, or with '-' its options.</summary>
    private static IEnumerable<string> Words(Command command, string before, string word)
    {
        var options = command.Options.Concat(GlobalOptions.All).Where(option => !option.Hidden).ToList();
        var opened = options.Find(option => (option.Name == before || option.Aliases.Contains(before)) && option.Arity.MaximumNumberOfValues != 0);
        return opened is not null ? opened.GetCompletions(CompletionContext.Empty).Select(item => item.Label)
            : word.StartsWith('-') ? options.Select(option => option.Name)
            : command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name)
                .Concat(command.Arguments.SelectMany(argument => argument.GetCompletions(CompletionContext.Empty)).Select(item => item.Label));
    }

    private static async ValueTask<IEnumerable<string>> PathsAsync(CommandContext context, string word)
    {
        using var patience = new CancellationTokenSource(Patience, context.Host.Time);
        try
        {
            var directory = word[..(word.LastIndexOf('/') + 1)];
            var tree = await context.ConnectAsync();
            var entry = await tree.FindAsync(directory, patience.Token);
            var names = await tree.NamesAsync(entry.File, patience.Token);
            return names.OrderBy(name => name.Name, NaturalOrder.Instance)
                .Select(name => (directory.Length == 0 ? "/" : directory) + (name.Qid.Type.HasFlag(QidType.Directory) ? name.Name + "/" : name.Name))
                .Where(path => path.StartsWith(word, StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is CommandException or FileException or OperationCanceledException)
        {
            // Without a daemon there is nothing to complete, and nobody to tell.
            return [];
        }
    }
}
