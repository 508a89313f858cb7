using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Testing.Conformance;

/// <summary>Listings, cookies, names that are there and names that are not.</summary>
internal static class DirectoryChecks
{
    private const string Missing = "no-such-file-here";

    public static async Task<IReadOnlyList<TreeEntry>> RunAsync(ConformanceVisit visit, string path, ServedFile directory)
    {
        var caller = visit.Options.Caller;
        IReadOnlyList<TreeEntry> entries;
        await using (var open = await visit.Client.OpenAsync(path, OpenFlags.Directory))
        {
            entries = await open.ReadDirectoryAsync();
            await CheckPagesAsync(visit, path, open.Open, entries);
            await visit.RequireRefusalAsync(
                path, "a read of the directory", async () => await open.Open.ReadAsync(0, new byte[10], default), Errno.EISDIR);
        }

        CheckCookies(visit, path, entries);
        foreach (var entry in entries.Take(visit.Options.EntriesPerDirectory))
        {
            var found = await directory.WalkAsync(entry.Name, caller, default);
            visit.Require(found is not null, path, $"lists {entry.Name}, which cannot be walked to");
            visit.Require(found is null || found.Qid == entry.Qid, path, $"lists {entry.Name} as {entry.Qid}, and walks to {found?.Qid}");
        }

        await visit.RequireRefusalAsync(
            path, "an open for writing", async () => await visit.Client.OpenAsync(path, OpenFlags.ReadWrite), Errno.EISDIR);
        await visit.RequireRefusalAsync(path, "a walk to a name that is not there",
            async () => await visit.Client.WalkAsync(path + "/" + Missing), Errno.ENOENT, Errno.EINVAL);
        if (path.EndsWith("/query", StringComparison.Ordinal))
        {
            await visit.RequireRefusalAsync(path, "an unknown key", async () => await visit.Client.WalkAsync(path + "/no_such_key=1"), Errno.ENOENT);
        }

        return entries;
    }

    private static void CheckCookies(ConformanceVisit visit, string path, IReadOnlyList<TreeEntry> entries)
    {
        var last = 0ul;
        foreach (var entry in entries)
        {
            visit.Require(entry.Cookie > last, path, $"the cookie of {entry.Name} is {entry.Cookie} after {last}");
            last = entry.Cookie;
        }

        visit.Require(entries.All(entry => FileNames.IsValid(entry.Name)), path, "lists a name that cannot be one");
        visit.Require(entries.Select(entry => entry.Name).Distinct().Count() == entries.Count, path, "lists a name twice");
    }

    // One by one from each cookie, as a client with a small buffer does.
    private static async Task CheckPagesAsync(ConformanceVisit visit, string path, OpenFile open, IReadOnlyList<TreeEntry> entries)
    {
        for (var i = 0; i < Math.Min(entries.Count, visit.Options.EntriesPerDirectory); i++)
        {
            var page = new OneEntryPage();
            await open.ReadDirectoryAsync(i == 0 ? 0 : entries[i - 1].Cookie, page, default);
            visit.Require(
                page.Name == entries[i].Name, path, $"a listing that goes on before {entries[i].Name} begins with {page.Name ?? "nothing"}");
        }
    }

    private sealed class OneEntryPage : DirectoryPage
    {
        public string? Name { get; private set; }

        public override bool TryAdd(Qid qid, ulong cookie, string name)
        {
            var isFirst = Name is null;
            Name ??= name;
            return isFirst;
        }
    }
}
