using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>Runs commands on one target.</summary>
internal sealed class TargetRunner<T>(T target, CommandSet<T> commands) : CommandRunner
{
    public override ValueTask<string> HelpAsync(Caller caller, CancellationToken cancellation) => new(commands.HelpText());

    public override LineState Judge(string line) => commands.Judge(line);

    public override ValueTask<CommandOutcome> RunAsync(string path, string line, Caller caller, CancellationToken cancellation) =>
        commands.RunAsync(target, path, line, caller, cancellation);
}
