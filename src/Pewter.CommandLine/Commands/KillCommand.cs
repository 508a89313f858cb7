using System.CommandLine;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Running;
using Pewter.Configuration;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter kill</c>: ends processes, by their ids or by a query that finds them.</summary>
internal sealed class KillCommand : PewterCommand
{
    private static readonly Table<CommandReply> Replies = new Table<CommandReply>(reply => reply.Target)
        .Text("target", reply => reply.Target)
        .Flag("ok", reply => reply.IsOk)
        .Text("error", reply => reply.IsOk ? null : reply.Error);

    private readonly Argument<string[]> _targets = new("ID|QUERY")
    {
        Description = "Ids such as 7 or 7/3, or queries such as user=lab/state=running", Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string?> _signal = new("--signal", "-s") { Description = "Send this signal instead", HelpName = "NAME" };
    private readonly Option<string?> _grace = new("--grace")
    {
        Description = "Ask it to end first, and kill what has not after this time", HelpName = "TIME",
    };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public KillCommand(CommandHost host)
        : base(host, "kill", "End processes, by id or by query")
    {
        Add(_targets);
        Add(_signal);
        Add(_grace);
        Add(_dryRun);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var words = Words(context);
        var tree = (await context.SystemAsync()).Tree;
        var failed = 0;
        foreach (var target in context.Value(_targets)!)
        {
            var path = SessionPath.Of(target);
            failed += context.Value(_dryRun) ? await ShowAsync(context, tree, path, words) : await TellAsync(context, tree, path, words);
        }

        return failed == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private string[] Words(CommandContext context)
    {
        if (context.Value(_signal) is { } signal)
        {
            return ["signal", signal, "to=group"];
        }

        return context.Value(_grace) is not { } grace ? ["kill"]
            : Duration.TryParse(grace, out _) ? ["stop", $"grace={grace}"]
            : throw new CommandException($"--grace takes a length of time such as 5s, not '{grace}'.", ExitCode.Usage);
    }

    private static async ValueTask<int> TellAsync(CommandContext context, TreeClient tree, string path, string[] words)
    {
        var failed = 0;
        try
        {
            foreach (var reply in await tree.TryCommandAsync(path + "/ctl", words, context.Cancellation))
            {
                if (context.Output.Format != OutputFormat.Table)
                {
                    await context.Output.RowAsync(Replies, reply, context.Cancellation);
                }

                // Who is over needs no killing.
                if (!reply.IsOk && reply.Errno != Errno.ESRCH)
                {
                    failed++;
                    context.Complain($"{reply.Target}: {reply.Error}");
                }
                else if (reply.IsOk)
                {
                    context.Say($"{reply.Target}: {words[0]}");
                }
            }
        }
        catch (FileException missing) when (missing.Errno == Errno.ENOENT)
        {
            failed++;
            context.Complain($"nothing to {words[0]} at {path}: {missing.Message}");
        }

        return failed;
    }

    private static async ValueTask<int> ShowAsync(CommandContext context, TreeClient tree, string path, string[] words)
    {
        var lines = await tree.ReadTextAsync(path + "/status", context.Cancellation);
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            context.Say($"would {string.Join(' ', words)} {line}");
        }

        return 0;
    }
}
