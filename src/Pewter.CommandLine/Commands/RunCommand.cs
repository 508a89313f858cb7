using System.CommandLine;
using Pewter.CommandLine.Running;
using Pewter.Sdk;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter run</c>: a program on any node, or many at once, as if it ran here.</summary>
internal sealed class RunCommand : PewterCommand
{
    private readonly SpawnOptions _what = new();
    private readonly Option<bool> _fold = new("--fold")
    {
        Description = "At the end, print what several wrote alike once, under the names of their nodes",
    };

    private readonly Option<bool> _deal = new("--deal") { Description = "Deal standard input out line by line instead of giving it to all" };
    private readonly Option<bool> _noInput = new("--no-input") { Description = "Give it no standard input" };

    public RunCommand(CommandHost host)
        : base(host, "run", "Run a program on any node, or many, and see it here")
    {
        _what.AddTo(this);
        Add(_fold);
        Add(_deal);
        Add(_noInput);
    }

    public override bool RunsForeignProgram => true;

    public override bool ForwardsSignals => true;

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var spec = _what.Spec(context) with { KeepOutput = true, Input = context.Value(_deal) ? GroupInput.Deal : GroupInput.All };
        var system = await context.SystemAsync();
        var runner = new SessionRunner(context, !context.Value(_noInput));
        if (_what.Count(context) is { } count)
        {
            await using var group = await SpawnOptions.StartAsync(
                system.SpawnManyAsync(count, spec, _what.Guarantee(context), context.Cancellation));
            return await runner.RunAsync(group, context.Value(_fold));
        }

        await using var process = await SpawnOptions.StartAsync(system.SpawnAsync(spec, context.Cancellation));
        return spec.Terminal ? await new TerminalRunner(context, runner).RunAsync(process, isOurs: true) : await runner.RunAsync(process);
    }
}
