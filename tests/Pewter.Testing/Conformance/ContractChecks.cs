using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Testing.Conformance;

/// <summary>What the names of the contract promise: ctl, status, json, events, wait, clone.</summary>
internal static class ContractChecks
{
    private const string Nonsense = "no-such-command";

    public static async Task CtlAsync(ConformanceVisit visit, string path, ServedFile file)
    {
        var client = visit.Client;
        await file.ChangeStatAsync(new() { Size = 0 }, client.Caller, default);
        var help = await client.ReadTextAsync(path);
        visit.Require(help.Length == 0 || help.EndsWith('\n'), path, "the list of commands does not end with a newline");
        await using var ctl = await client.OpenAsync(path, OpenFlags.ReadWrite);
        await visit.RequireRefusalAsync(
            path, "an unknown command", async () => await ctl.WriteTextAsync(Nonsense + "\n"), Errno.EINVAL, Errno.ENOENT);
        var replies = CommandReply.Parse(Encoding.UTF8.GetString(await ctl.ReadToEndAsync()));
        visit.Require(replies.Count > 0 && replies.All(reply => !reply.IsOk && reply.Errno != Errno.None && reply.Error.Length > 0), path,
            "the read-back of an unknown command has no line with ok:false, errno and error");
        visit.Require(replies.All(reply => reply.Target.StartsWith('/')), path, "a line of the read-back does not name its target");
        await ctl.WriteTextAsync("\n");
        visit.Require((await ctl.ReadToEndAsync()).Length == 0, path, "a blank line has a result");
    }

    public static async Task StatusAsync(ConformanceVisit visit, string path, string text)
    {
        var directory = path[..path.LastIndexOf('/')];
        var isCollection = await (await visit.Client.WalkAsync(directory)).WalkAsync("query", visit.Options.Caller, default) is not null;
        visit.Require(text.Length == 0 || text.EndsWith('\n'), path, "does not end with a newline");
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var own = line.Split(' ', 2)[0];
            visit.Require(own.StartsWith('/'), path, $"'{line}' does not begin with a path");
            var isLabelled = directory.Contains('@', StringComparison.Ordinal) || directory.StartsWith("/peer/", StringComparison.Ordinal);
            visit.Require(isCollection || isLabelled || directory.Length == 0 || Last(own) == Last(directory), path, $"is about {own}");
        }
    }

    public static void Json(ConformanceVisit visit, string path, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
        }
        catch (JsonException broken)
        {
            visit.Complain(path, $"is no JSON: {broken.Message}");
        }
    }

    public static async Task EventsAsync(ConformanceVisit visit, string path)
    {
        await using var events = await visit.Client.OpenAsync(path, OpenFlags.ReadWrite);
        await FileChecks.CancelAsync(visit, path, events.Open);
        await visit.RequireRefusalAsync(path, "'since yesterday'", async () => await events.WriteTextAsync("since yesterday\n"), Errno.EINVAL);
        await events.WriteTextAsync("since 0\n");
        var last = -1L;
        while (await NextAsync(visit, events) is { } line)
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.TryGetProperty("peer", out _))
            {
                continue;
            }

            var hasNumber = document.RootElement.TryGetProperty("seq", out var seq);
            visit.Require(hasNumber && seq.GetInt64() > last, path, $"the number of '{line}' does not follow {last}");
            last = hasNumber ? seq.GetInt64() : last;
        }
    }

    public static async Task WaitAsync(ConformanceVisit visit, string path)
    {
        await using var first = await visit.Client.OpenAsync(path);
        var line = await NextAsync(visit, first);
        if (line is null)
        {
            await FileChecks.CancelAsync(visit, path, first.Open);
            return;
        }

        await using var second = await visit.Client.OpenAsync(path);
        visit.Require(await NextAsync(visit, second) == line, path, "a second reader gets another line than the first");
    }

    public static async Task CloneAsync(ConformanceVisit visit, string path)
    {
        if (!visit.Options.OpensClone)
        {
            return;
        }

        var collection = path[..path.LastIndexOf('/')];
        var (id, ctl) = await visit.Client.CloneAsync(collection);
        await using (ctl)
        {
            visit.Require(id.Length > 0, path, "a read of the fid does not give an id");
            var qid = (await visit.Client.WalkAsync($"{collection}/{id}/ctl")).Qid;
            visit.Require(ctl.Open.File.Qid == qid, path, "the fid does not become the ctl of the new object");
        }

        var (next, other) = await visit.Client.CloneAsync(collection);
        await other.DisposeAsync();
        visit.Require(next != id, path, "two opens give the same id");
    }

    private static async Task<string?> NextAsync(ConformanceVisit visit, TreeHandle handle)
    {
        using var patience = new CancellationTokenSource(visit.Options.Patience / 50);
        try
        {
            return await handle.ReadLineAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];
}
