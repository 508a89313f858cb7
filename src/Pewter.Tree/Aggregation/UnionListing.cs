using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// One listing of a union: the union's own files, what is local by its name, what is a peer's by <c>name@peer</c>, and names that are
/// no objects (keys, values) once.
/// The entries are gathered when the listing begins and kept while it is open, so that its cookies stay with them.
/// </summary>
internal sealed class UnionListing(
    TreeFile directory, FixedFiles files, IReadOnlyList<UnionMember> members, Caller caller, UnionOptions options, TimeProvider time)
    : DirectoryOpen(directory)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private List<TreeEntry>? _entries;

    /// <summary>A link of a peer leads to an id of that peer.</summary>
    public static async ValueTask<ServedFile?> RelinkAsync(
        TreeFile directory, ServedFile? found, string name, string? label, Caller caller, CancellationToken cancellation)
    {
        if (found is null || label is null || !found.Qid.Type.HasFlag(QidType.Symlink))
        {
            return found;
        }

        var link = new SymlinkFile(await found.ReadLinkAsync(caller, cancellation) + "@" + label);
        link.Place(directory, name);
        return link;
    }

    /// <inheritdoc/>
    public override async ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (cookie == 0 || _entries is null)
            {
                _entries = await GatherAsync(cancellation);
            }

            for (var i = (int)Math.Min(cookie, (ulong)_entries.Count); i < _entries.Count; i++)
            {
                if (!page.TryAdd(_entries[i].Qid, (ulong)i + 1, _entries[i].Name))
                {
                    return;
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    protected override ValueTask CloseAsync()
    {
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<List<TreeEntry>> GatherAsync(CancellationToken cancellation)
    {
        var own = new EntryPage(int.MaxValue);
        files.List(0, own);
        var hasClone = false;
        var entries = new List<TreeEntry>();
        var seen = own.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var listings = await FanOut.RunAsync(members, ListAsync, options.DeadlineOf, time, cancellation);
        for (var i = 0; i < members.Count; i++)
        {
            foreach (var entry in listings[i].Value ?? [])
            {
                hasClone |= members[i].Label is null && entry.Name == "clone";
                var isObject = own.Entries.Count > 0;
                var name = members[i].Label is { } label && isObject ? $"{entry.Name}@{label}" : entry.Name;
                if (!(isObject && UnionFiles.Names.Contains(entry.Name)) && seen.Add(name) && FileNames.IsValid(name))
                {
                    entries.Add(entry with { Name = name, Qid = QidOf(entry, name, isObject, members[i].Label) });
                }
            }
        }

        IEnumerable<TreeEntry> clone = hasClone
            ? listings.SelectMany(listing => listing.Value ?? []).Where(entry => entry.Name == "clone").Take(1) : [];
        return [.. clone, .. own.Entries, .. entries];
    }

    private async ValueTask<IReadOnlyList<TreeEntry>> ListAsync(UnionMember member, CancellationToken cancellation)
    {
        await using var open = await member.Directory.OpenAsync(OpenFlags.Directory, caller, cancellation);
        return await new TreeHandle(open).ReadDirectoryAsync(cancellation);
    }

    // As a walk gives it: keys, values and links of peers are the union's own files, the rest are the members'.
    private Qid QidOf(TreeEntry entry, string name, bool isObject, string? label) =>
        isObject && (label is null || !entry.Qid.Type.HasFlag(QidType.Symlink)) ? entry.Qid
            : entry.Qid with { Path = QidPaths.Derive(Directory.Qid.Path, name, 0) };
}
