using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>The files of a collection, over many members.</summary>
internal static class UnionFiles
{
    /// <summary>Names that every collection has and that a union does not take over one by one.</summary>
    public static readonly IReadOnlySet<string> Names =
        new HashSet<string>(StringComparer.Ordinal) { "clone", "ctl", "status", "json", "events", "wait", "query" };

    /// <summary>Adds them all but <c>clone</c> and <c>query</c>.</summary>
    public static void Add(FixedFiles files, Func<IReadOnlyList<UnionMember>> members, UnionOptions options, TimeProvider time)
    {
        files.Add("ctl", new CtlFile(new UnionRunner(members, options, time)) { Mode = UnixMode.Octal(666) });
        files.Add("status", new UnionStatusFile(members, options, time));
        files.Add("json", new UnionJsonFile(members, options, time));
        files.Add("events", new UnionEventsFile(members, options, time));
        files.Add("wait", new UnionWaitFile(members, options, time));
    }

    /// <summary>
    /// What each member has under the name of a query directory that the local one has too: a remote member is not asked, because it
    /// has the same kinds of objects, or
    /// else answers ENOENT later, which means that nothing matches there. Null when it takes a walk to know.
    /// </summary>
    public static async ValueTask<IReadOnlyList<UnionMember>?> AssumeAsync(
        IReadOnlyList<UnionMember> members, string name, Caller caller, CancellationToken cancellation)
    {
        if (members.FirstOrDefault(member => member.Label is null) is not { } local
            || members.Any(member => member != local && member.Directory is not RemoteFile)
            || await local.Directory.WalkAsync(name, caller, cancellation) is not { } found)
        {
            return null;
        }

        return [.. members.Select(member => member with
        {
            Directory = member == local ? found : ((RemoteFile)member.Directory).Assume(name),
        })];
    }

    /// <summary>What each member has under a name; those that have none, or do not answer in time, are left out.</summary>
    public static async ValueTask<IReadOnlyList<UnionMember>> WalkAsync(
        IReadOnlyList<UnionMember> members, string name, Caller caller, UnionOptions options, TimeProvider time, CancellationToken cancellation,
        bool isStrict = true)
    {
        var found = await FanOut.RunAsync(
            members, (member, stop) => member.Directory.WalkAsync(name, caller, stop), options.DeadlineOf, time, cancellation);
        var there = Enumerable.Range(0, members.Count).Where(i => found[i].Value is not null)
            .Select(i => members[i] with { Directory = found[i].Value! }).ToList();

        // What is wrong with a name (EINVAL) is wrong with all, and better said than hidden.
        return isStrict && there.Count == 0 && found.FirstOrDefault(outcome => outcome.Failure is not null).Failure is { } failure
            && failure.Errno != NineP.Errno.ENOENT ? throw failure : there;
    }
}
