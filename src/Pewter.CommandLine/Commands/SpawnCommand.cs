using Pewter.CommandLine.Output;
using Pewter.CommandLine.Running;
using Pewter.Sdk;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter spawn</c>: starts a program and leaves it running; prints its id.</summary>
internal sealed class SpawnCommand : PewterCommand
{
    private static readonly Table<(ProcessSession Session, int Processes)> Spawned =
        new Table<(ProcessSession Session, int Processes)>(row => row.Session.Id)
            .Text("id", row => row.Session.Id).Text("path", row => row.Session.Path).Number("processes", row => row.Processes);

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
            await using var group = await SpawnOptions.StartAsync(
                system.SpawnManyAsync(count, spec, _what.Guarantee(context), context.Cancellation));
            await PrintAsync(context, group, group.Members.Count);
        }
        else
        {
            await using var process = await SpawnOptions.StartAsync(system.SpawnAsync(spec, context.Cancellation));
            await PrintAsync(context, process, 1);
        }

        return ExitCode.Ok;
    }

    // For people and scripts alone the id, so that id=$(pewter spawn …) is all there is to write.
    private static ValueTask PrintAsync(CommandContext context, ProcessSession session, int processes) => context.Output.Format == OutputFormat.Table
        ? context.Output.TextAsync(session.Id + "\n", context.Cancellation)
        : context.Output.OneAsync(Spawned, (session, processes), context.Cancellation);
}
