using System.CommandLine;
using Pewter.CommandLine.Running;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter ps</c>: the processes of the whole system, or those that a query finds.</summary>
internal sealed class ProcessesCommand : PewterCommand
{
    private readonly Argument<string?> _query = new("QUERY")
    {
        Description = "Which, such as user=lab/state=running", Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> _all = new("--all", "-a") { Description = "Those that are over, too" };
    private readonly WatchLoop _watch = new();

    public ProcessesCommand(CommandHost host)
        : base(host, "ps", "List processes")
    {
        Add(_query);
        Add(_all);
        Add(_watch.Option);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var system = await context.SystemAsync();
        return await _watch.RunAsync(context, async output =>
        {
            var rows = await SessionRow.ListAsync(system.Tree, context.Value(_query), context.Cancellation);
            var asksForState = context.Value(_query)?.Contains("state", StringComparison.Ordinal) == true;
            var shown = rows.Where(row => context.Value(_all) || asksForState || row.State != "ended");
            await output.ListAsync(SessionRow.Table, shown, context.Cancellation);
            return ExitCode.Ok;
        });
    }
}
