using System.CommandLine;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Running;

/// <summary>The options of commands that start programs, and the <see cref="SpawnSpec"/> that they add up to.</summary>
internal sealed class SpawnOptions
{
    private readonly Argument<string[]> _command = new("CMD") { Description = "The program and its arguments, best behind --",
        Arity = ArgumentArity.OneOrMore };
    private readonly Option<int?> _count = new("--count", "-n") { Description = "How many of it", HelpName = "N" };
    private readonly Option<string?> _on = new("--on") { Description = "Where: a query such as kind=cell/mem>=1G, or a node's id or name",
        HelpName = "QUERY" };
    private readonly Option<bool> _spread = new("--spread") { Description = "Lay them out evenly over the nodes (the default)" };
    private readonly Option<bool> _pack = new("--pack") { Description = "Fill a node before the next one is used" };
    private readonly Option<bool> _idle = new("--least-loaded") { Description = "Use the most idle nodes" };
    private readonly Option<string[]> _near = new("--near") { Description = "Best on these nodes, or where these sessions are",
        HelpName = "NODE|ID" };
    private readonly Option<string[]> _environment = new("--env", "-e") { Description = "A variable for it", HelpName = "NAME=VALUE" };
    private readonly Option<string?> _directory = new("--dir", "-C") { Description = "Where it starts", HelpName = "DIR" };
    private readonly Option<string?> _limit = new("--limit") { Description = "What each may use: cpu=2,mem=512M,pids=100,files=64",
        HelpName = "LIMITS" };
    private readonly Option<string[]> _push = new(
        "--push") { Description = "A file that its nodes are to have; it starts beside it. May be repeated", HelpName = "FILE" };
    private readonly Option<string?> _user = new("--user") { Description = "Who it runs as", HelpName = "NAME" };
    private readonly Option<string?> _job = new("--job") { Description = "The work it belongs to, for queries", HelpName = "NAME" };
    private readonly Option<bool> _terminal = new("--pty", "-t") { Description = "Give it a terminal" };
    private readonly Option<bool> _bestEffort = new("--best-effort") { Description = "With --count: take as many as there is room for" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_command);
        foreach (var option in (Option[])[_count, _on, _spread, _pack, _idle, _near, _environment, _directory, _limit, _push, _user, _job,
            _terminal, _bestEffort])
        {
            command.Add(option);
        }
    }

    /// <summary>How many; null: one, and no group.</summary>
    public int? Count(CommandContext context) => context.Value(_count);

    /// <summary>Whether it gets a terminal.</summary>
    /// <exception cref="CommandException">Several cannot share one.</exception>
    public bool Terminal(CommandContext context) => context.Value(_terminal) && context.Value(_count) is not null
        ? throw new CommandException("--pty is for one process: leave --count away.", ExitCode.Usage)
        : context.Value(_terminal);

    /// <summary>Whether fewer will do.</summary>
    public SpawnGuarantee Guarantee(CommandContext context) =>
        context.Value(_bestEffort) ? SpawnGuarantee.BestEffort : SpawnGuarantee.AllOrNothing;

    /// <summary>What is to be run.</summary>
    /// <exception cref="CommandException">An option makes no sense.</exception>
    public SpawnSpec Spec(CommandContext context)
    {
        var files = context.Value(_push) ?? [];
        var words = Beside(context.Value(_command)!, files);
        var variables = Variables(context.Value(_environment) ?? []);
        return new SpawnSpec(words[0], words[1..])
        {
            Query = QueryOf(context.Value(_on)),
            Layout = context.Value(_pack) ? Layout.Pack : context.Value(_idle) ? Layout.LeastLoaded : Layout.Spread,
            Environment = Terminal(context) ? TerminalRunner.Variables(context, variables) : variables,
            Terminal = Terminal(context),
            Directory = context.Value(_directory),
            Files = files,
            Near = [.. (context.Value(_near) ?? []).Select(Whereabouts)],
            User = context.Value(_user),
            Job = context.Value(_job),
            Commands = [.. Limits(context.Value(_limit)), .. Terminal(context) ? [TerminalRunner.WindowLine(context)] : (string[])[]],
        };
    }

    /// <summary>Starts it; a program that is not there, or is none, ends this program with what a shell ends with.</summary>
    /// <exception cref="CommandException">127: there is no such program; 126: it cannot be executed.</exception>
    public static async ValueTask<T> StartAsync<T>(ValueTask<T> start)
    {
        try
        {
            return await start;
        }
        catch (FileException failure) when (failure.Errno is Errno.ENOENT or Errno.EACCES or Errno.ENOEXEC or Errno.EISDIR or Errno.ENOTDIR)
        {
            var code = failure.Errno == Errno.ENOENT ? ExitCode.NotFound : ExitCode.NotExecutable;
            throw new CommandException($"{failure.Message} ({failure.Errno})", code);
        }
    }

    // A program that is pushed is started where it is on the node, by whichever name it is called here.
    private static string[] Beside(string[] words, string[] files) =>
        files.FirstOrDefault(file => file == words[0] || Path.GetFileName(file) == words[0]) is { } pushed
            ? ["./" + Path.GetFileName(pushed), .. words[1..]]
            : words;

    // "n3" is a node and "7" a session; a path is what it is.
    private static string Whereabouts(string text) =>
        text.StartsWith('/') ? text : char.IsAsciiDigit(text.FirstOrDefault()) ? "/proc/" + text : "/node/" + text;

    // A node's own name is a query, too.
    internal static string? QueryOf(string? text) =>
        text is null || text.Contains('=') || text.Contains('/') || text.Contains('<') || text.Contains('>') ? text
        : text.Length > 1 && text[0] == 'n' && text[1..].All(char.IsAsciiDigit) ? $"id={text}" : text;

    /// <summary>Variables from entries <c>NAME=VALUE</c>.</summary>
    public static Dictionary<string, string> Variables(IReadOnlyList<string> entries)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new CommandException($"--env takes NAME=VALUE, not '{entry}'.", ExitCode.Usage);
            }

            variables[entry[..equals]] = entry[(equals + 1)..];
        }

        return variables;
    }

    private static string[] Limits(string? text)
    {
        if (text is null)
        {
            return [];
        }

        var words = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length > 0 && words.All(word => word.Contains('=') && !word.Contains(' '))
            ? ["limit " + string.Join(' ', words)]
            : throw new CommandException($"--limit takes cpu=2,mem=512M,pids=100,files=64 or a part of it, not '{text}'.", ExitCode.Usage);
    }
}
