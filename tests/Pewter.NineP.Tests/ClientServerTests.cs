using System.Text;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Tests.Sample;

namespace Pewter.NineP.Tests;

public sealed class ClientServerTests
{
    public static TheoryData<Dialect> Dialects => [Dialect.NineP2000L, Dialect.NineP2000];

    [Theory, MemberData(nameof(Dialects))]
    public async Task A_file_is_read_by_its_path(Dialect dialect)
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync(dialect);
        await using var root = await client.AttachAsync("alice", "root");

        Assert.Equal(dialect, client.Dialect);
        Assert.Equal("hello, world\n", await root.ReadTextAsync("hello"));
        Assert.Equal("inner\n", await root.ReadTextAsync("folder/deep/../inner"));
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task A_directory_lists_its_entries(Dialect dialect)
    {
        await using var server = new SampleServer();
        for (var i = 0; i < 5000; i++)
            server.Tree.Deep.Add($"entry-{i:d5}", new SampleText(""));
        await using var client = await server.ConnectClientAsync(dialect);
        await using var root = await client.AttachAsync("alice", "root");
        await using var deep = await root.OpenPathAsync("folder/deep", OpenFlags.ReadOnly);

        var names = await deep.ReadDirectoryAsync().Select(entry => entry.Name).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"entry-{i:d5}"), names);
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task Attributes_are_read_and_changed(Dialect dialect)
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync(dialect);
        await using var root = await client.AttachAsync("alice", "root");
        await using var hello = await root.WalkAsync("hello");

        await hello.ChangeStatAsync(new StatChange { Mode = 0x180, Size = 5, ModifiedAt = DateTimeOffset.UnixEpoch.AddDays(3) });
        var stat = await hello.StatAsync();

        Assert.Equal(hello.Qid, stat.Qid);
        Assert.Equal(0x8180u, stat.Mode);
        Assert.Equal(5u, stat.Size);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(3), stat.ModifiedAt);
        Assert.Equal("hello", server.Tree.Hello.Content);
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task Files_are_created_written_renamed_and_removed(Dialect dialect)
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync(dialect);
        await using var root = await client.AttachAsync("alice", "root");
        await using (var file = await root.WalkAsync([]))
        {
            await file.CreateAsync("new", OpenFlags.ReadWrite, 0x1A4);
            await file.WriteAllAsync(0, new byte[400_000]);
            await file.SyncAsync();
        }

        await root.MakeDirectoryAsync("made", 0x1ED);
        await root.RenameAsync("new", root, "newer");
        Assert.Equal(400_000, ((SampleText)server.Tree.Root.Find("newer")!).Bytes.Length);
        Assert.IsType<SampleDirectory>(server.Tree.Root.Find("made"));
        await root.UnlinkAsync("newer");
        await root.UnlinkAsync("made", isDirectory: true);
        Assert.Null(server.Tree.Root.Find("newer"));
        Assert.Null(server.Tree.Root.Find("made"));
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task Walk_to_a_missing_name_returns_ENOENT(Dialect dialect)
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync(dialect);
        await using var root = await client.AttachAsync("alice", "root");

        var first = await Assert.ThrowsAsync<FileException>(() => root.WalkAsync("missing"));
        var second = await Assert.ThrowsAsync<FileException>(() => root.WalkAsync("folder/missing/inner"));

        Assert.Equal(Errno.ENOENT, first.Errno);
        Assert.Equal(Errno.ENOENT, second.Errno);
        Assert.Contains("'missing'", second.Message);
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task A_refused_attach_tells_its_errno(Dialect dialect)
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync(dialect);

        var refused = await Assert.ThrowsAsync<FileException>(() => client.AttachAsync("mallory", "forbidden"));

        Assert.Equal(Errno.EACCES, refused.Errno);
    }

    [Fact]
    public async Task Links_are_made_and_read()
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync();
        await using var root = await client.AttachAsync("alice", "root");

        await root.SymlinkAsync("again", "folder/inner");
        await using var link = await root.WalkAsync("again");

        Assert.Equal("folder/inner", await link.ReadLinkAsync());
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task A_blocked_read_holds_up_nobody_and_gets_what_comes(Dialect dialect)
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync(dialect);
        await using var root = await client.AttachAsync("alice", "root");
        await using var stream = await root.OpenPathAsync("stream", OpenFlags.ReadWrite);
        var buffer = new byte[100];
        var read = stream.ReadAsync(0, buffer).AsTask();

        Assert.Equal("hello, world\n", await root.ReadTextAsync("hello"));
        Assert.False(read.IsCompleted);
        await stream.WriteAsync(0, "data"u8.ToArray());

        Assert.Equal("data", Encoding.UTF8.GetString(buffer, 0, await read));
    }

    [Fact]
    public async Task A_cancelled_read_consumes_nothing()
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync();
        await using var root = await client.AttachAsync("alice", "root");
        await using var stream = await root.OpenPathAsync("stream", OpenFlags.ReadOnly);
        using var cancel = new CancellationTokenSource();
        var read = stream.ReadAsync(0, new byte[100], cancel.Token).AsTask();
        await Eventually.Async(() => server.Tree.Stream.Readers == 1);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        server.Tree.Stream.Push("kept"u8);
        var buffer = new byte[100];

        Assert.Equal(4, await stream.ReadAsync(0, buffer));
    }

    [Fact]
    public async Task A_lost_connection_fails_what_is_pending_and_what_comes_later()
    {
        await using var server = new SampleServer();
        await using var client = await server.ConnectClientAsync();
        await using var root = await client.AttachAsync("alice", "root");
        await using var stream = await root.OpenPathAsync("stream", OpenFlags.ReadOnly);
        var read = stream.ReadAsync(0, new byte[100]).AsTask();
        await Eventually.Async(() => server.Tree.Stream.Readers == 1);

        await server.StopAsync();

        Assert.Equal(Errno.ENOLINK, (await Assert.ThrowsAsync<FileException>(() => read)).Errno);
        Assert.Equal(Errno.ENOLINK, (await Assert.ThrowsAsync<FileException>(() => root.StatAsync())).Errno);
        Assert.Equal(1, server.Tree.Stream.Disposed);
        await client.Completion;
    }
}
