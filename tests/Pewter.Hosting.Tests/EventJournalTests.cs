using System.Text;
using Pewter.Hosting.Events;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Hosting.Tests;

public sealed class EventJournalTests : IAsyncLifetime
{
    private static readonly Caller Lab = new() { User = "lab", Groups = ["staff"] };

    private readonly MemoryDisk _disk = new();
    private StateStore _store = null!;
    private EventJournal _journal = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = StateStore.OpenMemory(_disk);
        await _store.LeadAsync(Token);
        _journal = await EventJournal.OpenAsync(_store, EventBody.Write("started"), Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Since_0_gives_everything_and_then_waits_for_the_next()
    {
        await _journal.AppendAsync("made", "/node/n1", cancellation: Token);
        await using var open = await OpenAsync(Caller.System);
        await open.WriteAsync(0, "since 0\n"u8.ToArray(), Token);
        Assert.Equal(["started", "made"], (await ReadAsync(open, 2)).Select(line => line.Split('"')[9]));
        var next = ReadAsync(open, 1);
        await _journal.AppendAsync("gone", "/node/n1", cancellation: Token);
        Assert.Contains("\"event\":\"gone\",\"path\":\"/node/n1\"", Assert.Single(await next), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_without_since_tells_only_what_comes()
    {
        await using var open = await OpenAsync(Caller.System);
        await _journal.AppendAsync("later", cancellation: Token);
        Assert.Contains("later", Assert.Single(await ReadAsync(open, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using var open = await OpenAsync(Caller.System);
        using var stop = new CancellationTokenSource();
        var read = open.ReadAsync(0, new byte[100], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await _journal.AppendAsync("first", cancellation: Token);
        await _journal.AppendAsync("second", cancellation: Token);
        var lines = await ReadAsync(open, 2);
        Assert.Equal(["first", "second"], lines.Select(line => line.Split('"')[9]));
    }

    [Fact]
    public async Task A_line_longer_than_the_read_comes_in_pieces()
    {
        await using var open = await OpenAsync(Caller.System);
        await _journal.AppendAsync("long", members: json => json.WriteString("text", new string('x', 1000)), cancellation: Token);
        var bytes = new List<byte>();
        var buffer = new byte[64];
        while (bytes.Count == 0 || bytes[^1] != '\n')
        {
            bytes.AddRange(buffer.AsSpan(0, await open.ReadAsync(0, buffer, Token)));
        }

        Assert.Contains(new string('x', 1000), Encoding.UTF8.GetString([.. bytes]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_of_somebody_elses_object_is_not_told()
    {
        await using var open = await OpenAsync(Lab);
        await _journal.AppendAsync("secret", "/node/n1", new Owner("other", "others"), cancellation: Token);
        await _journal.AppendAsync("mine", "/node/n2", new Owner("lab", "lab"), cancellation: Token);
        await _journal.AppendAsync("ours", "/node/n3", new Owner("other", "staff"), cancellation: Token);
        var lines = await ReadAsync(open, 2);
        Assert.Equal(["mine", "ours"], lines.Select(line => line.Split('"')[9]));
    }

    [Fact]
    public async Task Numbers_go_on_after_a_restart_and_a_reader_resumes()
    {
        await _journal.AppendAsync("before", cancellation: Token);
        var last = _store;
        await _journal.DisposeAsync();
        await last.DisposeAsync();
        await InitializeAsync();
        await using var open = await OpenAsync(Caller.System);
        await open.WriteAsync(0, "since 1\n"u8.ToArray(), Token);
        var lines = await ReadAsync(open, 2);
        Assert.Equal(["{\"seq\":2", "{\"seq\":3"], lines.Select(line => line.Split(',')[0]));
    }

    [Theory]
    [InlineData("since")]
    [InlineData("since -1")]
    [InlineData("until 5")]
    public async Task Anything_but_since_N_is_refused(string text)
    {
        await using var open = await OpenAsync(Caller.System);
        var failure = await Assert.ThrowsAsync<FileException>(() => open.WriteAsync(0, Encoding.ASCII.GetBytes(text), Token).AsTask());
        Assert.Equal(Errno.EINVAL, failure.Errno);
    }

    private ValueTask<OpenFile> OpenAsync(Caller caller)
    {
        var root = new TreeDirectory().Add("events", _journal.File());
        return OpenAsync(root, caller);
    }

    private static async ValueTask<OpenFile> OpenAsync(TreeDirectory root, Caller caller) =>
        await (await root.WalkAsync("events", caller, Token))!.OpenAsync(OpenFlags.ReadWrite, caller, Token);

    private static async Task<IReadOnlyList<string>> ReadAsync(OpenFile open, int count)
    {
        var text = "";
        var buffer = new byte[4096];
        while (text.Count(character => character == '\n') < count)
        {
            text += Encoding.UTF8.GetString(buffer, 0, await open.ReadAsync(0, buffer, Token));
        }

        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
