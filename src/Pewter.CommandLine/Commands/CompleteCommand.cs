using System.CommandLine;
using System.CommandLine.Completions;
using Pewter.CommandLine.Output;
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
        var parsed = _root().Parse(words.Length == 0 ? [""] : words);
        var takesPath = parsed.CommandResult.Command.Arguments.Any(argument => argument.Name == "PATH");
        var found = word.StartsWith('/') || (takesPath && word.Length == 0)
            ? await PathsAsync(context, word)
            : parsed.GetCompletions().OfType<CompletionItem>().Select(item => item.InsertText ?? item.Label)
                .Where(item => item.StartsWith(word, StringComparison.Ordinal) && (word.Length != 0 || item[0] != '-'));
        await context.Output.TextAsync(string.Concat(found.Distinct().Select(item => item + "\n")), context.Cancellation);
        return ExitCode.Ok;
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
                .Select(name => (directory.Length == 0 ? "/" : directory) + (name.Type.HasFlag(QidType.Directory) ? name.Name + "/" : name.Name))
                .Where(path => path.StartsWith(word, StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is CommandException or FileException or OperationCanceledException)
        {
            // Without a daemon there is nothing to complete, and nobody to tell.
            return [];
        }
    }
}
