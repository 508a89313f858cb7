using System.CommandLine;
using Pewter.CommandLine.Running;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter attach ID</c>: sits at a process that was spawned: its output from the oldest kept, input, signals, exit code.</summary>
internal sealed class AttachCommand : PewterCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "As 'pewter ps' lists it" };
    private readonly Option<bool> _noInput = new("--no-input") { Description = "Give it no standard input" };

    public AttachCommand(CommandHost host)
        : base(host, "attach", "Sit at a running process: its output, input, signals and exit code")
    {
        Add(_id);
        Add(_noInput);
    }

    public override bool ForwardsSignals => true;

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var system = await context.SystemAsync();
        var runner = new SessionRunner(context, !context.Value(_noInput));
        var id = context.Value(_id)!;
        var process = await system.FindAsync(id, context.Cancellation);
        var group = id.Contains('/') ? null : await system.FindGroupAsync(id, context.Cancellation);
        if (group is { Members.Count: > 1 })
        {
            return await runner.RunAsync(group, folds: false);
        }

        return context.Host.Terminal is not null && await TerminalRunner.TryResizeAsync(context, process)
            ? await new TerminalRunner(context, runner).RunAsync(process, isOurs: false)
            : await runner.RunAsync(process);
    }
}
