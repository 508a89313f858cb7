using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// The commands that a ctl of <typeparamref name="T"/> understands, each declared by the line that is also its help:
/// <c>.Add("signal &lt;name&gt; [grace=duration]", "Sends a signal.", (process, call, cancellation) =&gt; …)</c>.
/// </summary>
/// <remarks>
/// A signature is a name and parameters: <c>&lt;required&gt;</c>, <c>[optional]</c>, <c>[option=type]</c> given as <c>option=value</c>
/// anywhere, <c>&lt;words...&gt;</c>
/// for all that are left. Types after ':' or '=' are <c>word</c> (also when there is none), <c>int</c>, <c>number</c>, <c>size</c>,
/// <c>duration</c> or a
/// choice <c>on|off</c>. Handlers run with arguments that fit; they refuse by <see cref="FileException"/>. Filled once, then shared.
/// </remarks>
/// <typeparam name="T">What the commands act on.</typeparam>
public sealed class CommandSet<T>
{
    private readonly List<Command> _commands = [];

    /// <summary>Names of the commands.</summary>
    public IEnumerable<string> Names => _commands.Select(command => command.Signature.Name);

    /// <summary>Adds a command whose result line says more than "ok".</summary>
    public CommandSet<T> Add(
        string signature, string help, Func<T, CommandCall, CancellationToken, ValueTask<CommandResult>> handler)
    {
        var parsed = new CommandSignature(signature);
        if (Find(parsed.Name) is not null)
        {
            throw new ArgumentException($"There is a command {parsed.Name} already.", nameof(signature));
        }

        _commands.Add(new(parsed, help, handler));
        return this;
    }

    /// <summary>Adds a command that only succeeds or fails.</summary>
    public CommandSet<T> Add(string signature, string help, Func<T, CommandCall, CancellationToken, ValueTask> handler) =>
        Add(signature, help, async (target, call, cancellation) =>
        {
            await handler(target, call, cancellation);
            return CommandResult.None;
        });

    /// <summary>Adds a command that is done at once.</summary>
    public CommandSet<T> Add(string signature, string help, Action<T, CommandCall> handler) =>
        Add(signature, help, (target, call, _) =>
        {
            handler(target, call);
            return new ValueTask<CommandResult>(CommandResult.None);
        });

    /// <summary>Adds all commands of another set, which act on something found from the target, which is told when one has run.</summary>
    internal CommandSet<T> AddAll<TOther>(CommandSet<TOther> others, Func<T, TOther> select, Action<T> ran)
    {
        foreach (var command in others._commands)
        {
            Add(command.Signature.Usage, command.Help, async (target, call, cancellation) =>
            {
                try
                {
                    return await command.Handler(select(target), call, cancellation);
                }
                finally
                {
                    ran(target);
                }
            });
        }

        return this;
    }

    /// <summary>The list that a fresh fid reads: a line a command, its signature and what it does.</summary>
    internal string HelpText()
    {
        var width = _commands.Count == 0 ? 0 : Math.Min(48, _commands.Max(command => command.Signature.Usage.Length));
        var text = new StringBuilder();
        foreach (var (signature, help, _) in _commands)
        {
            text.Append(signature.Usage.PadRight(width)).Append("  ").Append(help).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What is known of a line that may go on: see <see cref="LineState"/>.</summary>
    internal LineState Judge(string line)
    {
        if (!RcQuoting.TrySplit(line, out var words))
        {
            return LineState.Unfinished;
        }

        if (words.Count == 0)
        {
            return LineState.Complete;
        }

        if (Find(words[0]) is { } command)
        {
            return Fits(command, words) ? LineState.Complete : LineState.Unfinished;
        }

        return words.Count == 1 && Names.Any(name => name.StartsWith(words[0], StringComparison.Ordinal))
            ? LineState.Unfinished : LineState.Complete;
    }

    /// <summary>Runs one command on one target. Every expected failure is in the outcome; a cancellation is thrown.</summary>
    internal async ValueTask<CommandOutcome> RunAsync(T target, string path, string line, Caller caller, CancellationToken cancellation)
    {
        var name = "";
        try
        {
            var (command, call) = Prepare(line, caller);
            name = command.Signature.Name;
            return CommandOutcome.Success(path, name, await command.Handler(target, call, cancellation));
        }
        catch (FileException failure)
        {
            return CommandOutcome.Failed(path, name.Length > 0 ? name : line.Split(' ', 2)[0], failure);
        }
    }

    private (Command Command, CommandCall Call) Prepare(string line, Caller caller)
    {
        var words = RcQuoting.Split(line);
        var command = Find(words[0]) ?? throw new FileException(
            Errno.EINVAL,
            $"There is no command '{words[0]}' here{Suggestion.For(words[0], Names)} Read this file before writing to it for the list.");
        return (command, new(command.Signature, words, command.Signature.Bind(words), caller));
    }

    private static bool Fits(Command command, IReadOnlyList<string> words)
    {
        try
        {
            command.Signature.Bind(words);
            return true;
        }
        catch (FileException)
        {
            return false;
        }
    }

    private Command? Find(string name) => _commands.Find(command => command.Signature.Name == name);

    private sealed record Command(
        CommandSignature Signature, string Help, Func<T, CommandCall, CancellationToken, ValueTask<CommandResult>> Handler);
}
