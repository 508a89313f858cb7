using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// Gives a command to every object of a set at once, a result line each. Who may see an object and may not write to it gets EACCES for
/// it; one that takes too
/// long gets ETIMEDOUT and the others are not held up.
/// </summary>
internal sealed class MatchRunner<T>(Collection<T> collection, Func<IReadOnlyList<TreeObject<T>>> objects) : CommandRunner
    where T : class
{
    /// <inheritdoc/>
    public override CommandRunner Pin()
    {
        var now = objects();
        return new MatchRunner<T>(collection, () => now);
    }

    /// <inheritdoc/>
    public override ValueTask<string> HelpAsync(Caller caller, CancellationToken cancellation) => new(collection.ObjectCommands.HelpText());

    /// <inheritdoc/>
    public override LineState Judge(string line) => collection.ObjectCommands.Judge(line);

    /// <inheritdoc/>
    public override async ValueTask<CommandOutcome> RunAsync(string path, string line, Caller caller, CancellationToken cancellation)
    {
        var targets = objects().VisibleTo(caller);
        if (targets.Count == 0)
        {
            return CommandOutcome.Failed(path, line.Split(' ', 2)[0], new(Errno.ENOENT, $"{path}: nothing matches."));
        }

        var outcomes = await FanOut.RunAsync(
            targets, (target, stop) => RunOneAsync(target, line, caller, stop), collection.Kind.CommandDeadline, collection.Time, cancellation);
        return CommandOutcome.Combine([.. outcomes.Select((outcome, i) => outcome.Failure is null ? outcome.Value
            : CommandOutcome.Failed(targets[i].Path, line.Split(' ', 2)[0], outcome.Failure))]);
    }

    private ValueTask<CommandOutcome> RunOneAsync(TreeObject<T> target, string line, Caller caller, CancellationToken cancellation)
    {
        const AccessRights Wanted = AccessRights.Write;
        var mayWrite = AccessPolicy.Allows(caller, target.Owner, ObjectDirectory<T>.CtlMode, Wanted)
            && AccessPolicy.Allows(caller, target.Owner, target.Mode, AccessRights.Execute);
        return mayWrite
            ? collection.ObjectCommands.RunAsync(target, target.Path, line, caller, cancellation)
            : throw new FileException(Errno.EACCES, $"{caller.User} may not write to {target.Path}/ctl.");
    }
}
