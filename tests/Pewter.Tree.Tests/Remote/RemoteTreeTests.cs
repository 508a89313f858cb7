using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

public sealed class RemoteTreeTests : IAsyncLifetime
{
    private readonly Site _here = new();
    private readonly Site _there = new();

    private TreeClient Ann => _here.As(Callers.Ann);

    public async ValueTask InitializeAsync()
    {
        await _here.JoinAsync("b", _there);
        _there.Service.Add(Callers.Ann, "hall");
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task A_remote_tree_is_a_directory_like_any_other()
    {
        Assert.Equal(["version", "lamp", "peer"], await Ann.ListAsync("/peer/b"));
        Assert.Equal("lamps 1\n", await Ann.ReadTextAsync("/peer/b/version"));
        Assert.StartsWith("/lamp/l1 ", await Ann.ReadTextAsync("/peer/b/lamp/hall/status"));
        await Ann.WriteTextAsync("/peer/b/lamp/l1/note", "hello");
        Assert.Equal("hello", _there.Service.Lamps.Find(1)!.Item.Note);
    }

    [Fact]
    public async Task Its_qids_differ_from_those_of_the_same_file_elsewhere_and_agree_with_listings()
    {
        var remote = await Ann.WalkAsync("/peer/b/lamp/l1");
        var local = await _there.As(Callers.Ann).WalkAsync("/lamp/l1");
        Assert.NotEqual(local.Qid.Path, remote.Qid.Path);
        await using var directory = await Ann.OpenAsync("/peer/b/lamp", OpenFlags.Directory);
        Assert.Equal(remote.Qid, (await directory.ReadDirectoryAsync()).Single(entry => entry.Name == "l1").Qid);
        Assert.Equal(remote.Qid, (await remote.StatAsync(Callers.Ann, default)).Qid);
    }

    [Fact]
    public async Task Errors_are_those_of_the_server()
    {
        var eve = _here.As(Callers.Eve);
        Assert.Equal(Errno.ENOENT, (await Assert.ThrowsAsync<FileException>(async () => await Ann.ReadTextAsync("/peer/b/nothing"))).Errno);
        Assert.Equal(Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await eve.ReadTextAsync("/peer/b/lamp/l1/status"))).Errno);
        Assert.Equal(Errno.EINVAL, Assert.Single(await Ann.TryCommandAsync("/peer/b/lamp/l1/ctl", ["bogus"])).Errno);
    }

    [Fact]
    public async Task A_caller_who_may_only_read_is_stopped_here_but_may_wait()
    {
        var reader = _here.As(Callers.ReadOnlyAdmin);
        Assert.Equal(Errno.EROFS, (await Assert.ThrowsAsync<FileException>(async () => await reader.OpenAsync("/peer/b/lamp/clone"))).Errno);
        Assert.Equal(
            Errno.EROFS,
            (await Assert.ThrowsAsync<FileException>(async () => await reader.OpenAsync("/peer/b/lamp/l1/ctl", OpenFlags.ReadWrite))).Errno);
        await using var wait = await reader.OpenAsync("/peer/b/lamp/l1/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("off");
        Assert.Equal("/lamp/l1 state=off", await wait.ReadLineAsync());
    }

    [Fact]
    public async Task A_blocked_read_is_cancelled_exactly()
    {
        await using var events = await Ann.OpenAsync("/peer/b/lamp/events");
        for (var round = 0; round < 20; round++)
        {
            using var cancel = new CancellationTokenSource();
            var line = events.ReadLineAsync(cancel.Token).AsTask();
            var break_ = Task.Run(() => _there.Service.Lamps.Append(1, $"round{round}"));
            await cancel.CancelAsync();
            await break_;
            string? got;
            try
            {
                got = await line;
            }
            catch (OperationCanceledException)
            {
                got = await events.ReadLineAsync();
            }

            Assert.Contains($"\"round{round}\"", got);
        }
    }

    [Fact]
    public async Task A_lost_connection_is_ENOLINK_also_for_who_waits()
    {
        var wait = Ann.ReadTextAsync("/peer/b/lamp/l1/wait").AsTask();
        await Task.Delay(50);
        await _here.CutAsync("b");
        Assert.Equal(Errno.ENOLINK, (await Assert.ThrowsAsync<FileException>(() => wait)).Errno);
        Assert.Equal(Errno.ENOLINK, (await Assert.ThrowsAsync<FileException>(async () => await Ann.ListAsync("/peer/b"))).Errno);
    }
}
