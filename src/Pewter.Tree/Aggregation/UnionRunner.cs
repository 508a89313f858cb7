using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>Gives a command line to the ctl of every member at once and collects the result lines of all.</summary>
internal sealed class UnionRunner(Func<IReadOnlyList<UnionMember>> members, UnionOptions options, TimeProvider time) : CommandRunner
{
    /// <inheritdoc/>
    public override CommandRunner Pin()
    {
        var now = members();
        return new UnionRunner(() => now, options, time);
    }

    /// <inheritdoc/>
    public override async ValueTask<string> HelpAsync(Caller caller, CancellationToken cancellation)
    {
        FileException? last = null;
        foreach (var member in members())
        {
            var outcome = await FanOut.OneAsync(
                member,
                (_, stop) => new TreeClient(member.Directory, caller).ReadTextAsync("ctl", stop),
                options.DeadlineOf(member),
                time,
                cancellation);
            if (outcome.Failure is null)
            {
                return outcome.Value;
            }

            last = outcome.Failure;
        }

        return last is null ? "" : throw last;
    }

    /// <inheritdoc/>
    public override LineState Judge(string line) => RcQuoting.TrySplit(line, out _) ? LineState.Complete : LineState.Unfinished;

    /// <inheritdoc/>
    public override async ValueTask<CommandOutcome> RunAsync(string path, string line, Caller caller, CancellationToken cancellation)
    {
        var all = members();
        var outcomes = await FanOut.RunAsync(
            all, (member, stop) => RunOneAsync(member, line, caller, stop), options.CommandDeadlineOf, time, cancellation);
        var command = line.Split(' ', 2)[0];
        var replies = new List<CommandOutcome>();
        for (var i = 0; i < all.Count; i++)
        {
            replies.AddRange(outcomes[i].Failure is { } failure
                ? [CommandOutcome.Failed(all[i].Prefix.Length == 0 ? path : all[i].Prefix, command, failure) with
                {
                    IsEmptyMatch = failure.Errno == Errno.ENOENT,
                }]
                : outcomes[i].Value);
        }

        // That nothing matches at one member is no failure while something matches at another.
        var matched = replies.Where(reply => !reply.IsEmptyMatch).ToList();
        return matched.Count > 0 ? CommandOutcome.Combine(matched)
            : CommandOutcome.Failed(path, command, new(Errno.ENOENT, $"{path}: nothing matches."));
    }

    private static async ValueTask<IReadOnlyList<CommandOutcome>> RunOneAsync(
        UnionMember member, string line, Caller caller, CancellationToken cancellation)
    {
        await using var ctl = await member.OpenAsync("ctl", OpenFlags.ReadWrite, caller, cancellation);
        var replies = await ctl.TryCommandAsync(line, cancellation);
        return [.. replies.Select(reply => new CommandOutcome(
            JsonText.Line(json => MemberText.Write(json, member, reply.Line)), reply.IsOk ? null : new(reply.Errno, reply.Error))
        {
            IsEmptyMatch = reply.Errno == Errno.ENOENT && reply.Target.Contains("/query/", StringComparison.Ordinal),
        })];
    }
}
