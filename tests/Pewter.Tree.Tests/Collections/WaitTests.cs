using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

public sealed class WaitTests : IAsyncLifetime
{
    private readonly LampService _service = new(TimeProvider.System);
    private readonly Lamp _lamp;

    public WaitTests() => _lamp = _service.Add(Callers.Ann);

    private TreeClient Ann => _service.As(Callers.Ann);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task It_blocks_until_the_object_is_terminal_then_every_reader_gets_the_same_line()
    {
        var early = Ann.ReadTextAsync("/lamp/l1/wait").AsTask();
        Assert.False(early.IsCompleted);
        await Ann.CommandAsync("/lamp/l1/ctl", ["on"]);
        Assert.False(early.IsCompleted);
        _service.Break(_lamp, 7);
        Assert.Equal("/lamp/l1 state=broken code=7\n", await early);
        _lamp.Code = 8;
        Assert.Equal("/lamp/l1 state=broken code=7\n", await Ann.ReadTextAsync("/lamp/l1/wait"));
    }

    [Fact]
    public async Task A_state_may_be_written_first()
    {
        await using var wait = await Ann.OpenAsync("/lamp/l1/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("on\n");
        var line = wait.ReadLineAsync().AsTask();
        Assert.False(line.IsCompleted);
        await Ann.CommandAsync("/lamp/l1/ctl", ["on"]);
        Assert.Equal("/lamp/l1 state=on", await line);
        Assert.Null(await wait.ReadLineAsync());
    }

    [Fact]
    public async Task A_state_that_is_passed_at_once_is_not_missed()
    {
        await using var wait = await Ann.OpenAsync("/lamp/l1/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("on");
        var line = wait.ReadLineAsync().AsTask();
        _lamp.State = "on";
        _service.Lamps.Changed(1);
        _service.Break(_lamp, 1);
        Assert.Equal("/lamp/l1 state=on", await line);
    }

    [Fact]
    public async Task Waiting_for_a_state_ends_when_the_object_does()
    {
        await using var wait = await Ann.OpenAsync("/lamp/l1/wait", OpenFlags.ReadWrite);
        await wait.WriteTextAsync("on");
        _service.Break(_lamp, 3);
        Assert.Equal("/lamp/l1 state=broken code=3", await wait.ReadLineAsync());
    }

    [Fact]
    public async Task A_removed_object_is_told_to_who_waits()
    {
        var line = Ann.ReadTextAsync("/lamp/l1/wait").AsTask();
        _service.Lamps.Remove(1);
        Assert.Equal("/lamp/l1 state=removed\n", await line);
    }

    [Fact]
    public async Task An_unknown_state_is_EINVAL_with_a_suggestion()
    {
        await using var wait = await Ann.OpenAsync("/lamp/l1/wait", OpenFlags.ReadWrite);
        var failure = await Assert.ThrowsAsync<FileException>(async () => await wait.WriteTextAsync("brokn"));
        Assert.Equal(Errno.EINVAL, failure.Errno);
        Assert.Contains("did you mean 'broken'?", failure.Message);
    }

    [Fact]
    public async Task A_cancelled_wait_loses_nothing()
    {
        await using var wait = await Ann.OpenAsync("/lamp/l1/wait");
        using var cancel = new CancellationTokenSource();
        var line = wait.ReadLineAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => line);
        _service.Break(_lamp, 9);
        Assert.Equal("/lamp/l1 state=broken code=9", await wait.ReadLineAsync());
    }

    [Fact]
    public async Task A_line_may_be_read_byte_by_byte()
    {
        _service.Break(_lamp, 7);
        await using var wait = await Ann.OpenAsync("/lamp/l1/wait");
        var (text, buffer) = ("", new byte[1]);
        while (await wait.ReadAsync(buffer) == 1)
        {
            text += (char)buffer[0];
        }

        Assert.Equal("/lamp/l1 state=broken code=7\n", text);
    }

    [Fact]
    public async Task Waiting_for_all_gives_a_line_for_each_as_it_comes()
    {
        var second = _service.Add(Callers.Ann);
        await using var wait = await Ann.OpenAsync("/lamp/wait");
        var first = wait.ReadLineAsync().AsTask();
        _service.Break(second, 2);
        Assert.Equal("/lamp/l2 state=broken code=2", await first);
        _service.Break(_lamp, 1);
        Assert.Equal("/lamp/l1 state=broken code=1", await wait.ReadLineAsync());
        Assert.Null(await wait.ReadLineAsync());
    }
}
