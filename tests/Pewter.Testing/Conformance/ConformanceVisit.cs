using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Testing.Conformance;

/// <summary>A walk through a subtree that checks each file on its way and collects complaints.</summary>
internal sealed class ConformanceVisit(ServedFile root, TreeConformanceOptions options)
{
    private readonly List<string> _complaints = [];
    private readonly Dictionary<ulong, string> _qids = [];

    public IReadOnlyList<string> Complaints => _complaints;

    public int Visited { get; private set; }

    public TreeConformanceOptions Options => options;

    public TreeClient Client { get; } = new(root, options.Caller);

    /// <summary>The same tree as somebody else.</summary>
    public TreeClient As(Caller caller) => new(root, caller);

    public void Complain(string path, string sentence) => _complaints.Add($"{path}: {sentence}");

    public void Require(bool holds, string path, string sentence)
    {
        if (!holds)
        {
            Complain(path, sentence);
        }
    }

    /// <summary>Runs an operation that must be refused with one of these errnos.</summary>
    public async Task RequireRefusalAsync(string path, string what, Func<Task> act, params Errno[] expected)
    {
        try
        {
            await act();
            Complain(path, $"{what} succeeds, but must be {string.Join(" or ", expected)}");
        }
        catch (FileException failure)
        {
            Require(expected.Contains(failure.Errno), path, $"{what} is {failure.Errno}, but must be {string.Join(" or ", expected)}");
        }
    }

    public async Task RunAsync(string path) => await VisitAsync(path, options.Depth);

    private async Task VisitAsync(string path, int depth)
    {
        if (options.Skip(path))
        {
            return;
        }

        Visited++;
        var file = await Client.WalkAsync(path, followLast: false);
        var stat = await file.StatAsync(options.Caller, default);
        CheckQid(path, file.Qid, stat);
        if (file.Qid.Type.HasFlag(QidType.Symlink))
        {
            await CheckLinkAsync(path);
            return;
        }

        await AccessChecks.RunAsync(this, path, stat);
        if (!file.Qid.Type.HasFlag(QidType.Directory))
        {
            await FileChecks.RunAsync(this, path, file, stat);
            return;
        }

        var entries = await DirectoryChecks.RunAsync(this, path, file);
        foreach (var entry in depth == 0 ? [] : Choose(path, entries))
        {
            await VisitAsync(path.TrimEnd('/') + "/" + entry.Name, depth - 1);
        }
    }

    // Below a query the same objects come again and again, in ever new combinations: a few of them say it all.
    private IEnumerable<TreeEntry> Choose(string path, IReadOnlyList<TreeEntry> entries)
    {
        var parts = path.Split('/').Count(part => part == "query");
        return parts > 1 ? [] : entries.Take(parts == 0 ? options.EntriesPerDirectory : 8);
    }

    private async Task CheckLinkAsync(string path)
    {
        try
        {
            await Client.WalkAsync(path);
        }
        catch (FileException failure)
        {
            Complain(path, $"the link leads nowhere: {failure.Message}");
        }
    }

    private void CheckQid(string path, Qid qid, FileStat stat)
    {
        Require(stat.Qid == qid, path, $"stat has qid {stat.Qid}, the file {qid}");
        Require(qid.Version == 0, path, "the version of its qid is not 0, so clients may cache it");
        var expected = qid.Type switch
        {
            QidType.Directory => UnixMode.Directory,
            QidType.Symlink => UnixMode.Symlink,
            _ => UnixMode.Regular,
        };
        Require((stat.Mode & UnixMode.TypeMask) == expected, path, $"its mode {Convert.ToString(stat.Mode, 8)} and its qid {qid.Type} disagree");
        if (!path.Contains("/query/", StringComparison.Ordinal) && !_qids.TryAdd(qid.Path, path))
        {
            Complain(path, $"has the qid path of {_qids[qid.Path]}");
        }
    }
}
