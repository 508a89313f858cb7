using System.CommandLine;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Running;
using Pewter.Sdk;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter wait ID…</c>: waits for processes and groups; the worst exit code is this program's.</summary>
internal sealed class WaitCommand : PewterCommand
{
    private readonly Argument<string[]> _ids = new("ID")
    {
        Description = "Ids as 'pewter ps' lists them: 7, or 7/3 in a group", Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<bool> _any = new("--any") { Description = "Return with the first that is over" };

    public WaitCommand(CommandHost host)
        : base(host, "wait", "Wait until processes are over")
    {
        Add(_ids);
        Add(_any);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var system = await context.SystemAsync();
        var processes = new List<Process>();
        foreach (var id in context.Value(_ids)!)
        {
            processes.Add(await system.FindAsync(id, context.Cancellation));
        }

        if (!context.Value(_any))
        {
            var worst = 0;
            foreach (var process in processes)
            {
                worst = Math.Max(worst, await PrintAsync(context, process));
            }

            return worst;
        }

        return await PrintAsync(context, (await PewterClient.WaitAnyAsync(processes, null, context.Cancellation))!);
    }

    private static async ValueTask<int> PrintAsync(CommandContext context, Process process)
    {
        var exit = await process.WaitAsync(context.Cancellation);
        await (context.Output.Format == OutputFormat.Table
            ? context.Output.TextAsync($"{process.Id} {exit}\n", context.Cancellation)
            : context.Output.RowAsync(ExitTable.Columns, (process, exit), context.Cancellation));
        return exit.ShellCode;
    }
}
