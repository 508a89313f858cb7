using Pewter.CommandLine.Running;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter spawn</c>: starts a program and leaves it running; prints its id.</summary>
internal sealed class SpawnCommand : PewterCommand
{
    private readonly SpawnOptions _what = new();

    public SpawnCommand(CommandHost host)
        : base(host, "spawn", "Start a program, or many, and leave it running; prints its id") => _what.AddTo(this);

    public override bool RunsForeignProgram => true;

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        // Whoever attaches to a terminal and leaves it again has not ended its input.
        var spec = _what.Spec(context) with { IsPersistent = true, ExplicitEnd = _what.Terminal(context) };
        var system = await context.SystemAsync();
        if (_what.Count(context) is { } count)
        {
            await using var group = await system.SpawnManyAsync(count, spec, _what.Guarantee(context), context.Cancellation);
            await context.Output.TextAsync(group.Id + "\n", context.Cancellation);
        }
        else
        {
            await using var process = await system.SpawnAsync(spec, context.Cancellation);
            await context.Output.TextAsync(process.Id + "\n", context.Cancellation);
        }

        return ExitCode.Ok;
    }
}
