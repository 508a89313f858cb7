using Pewter.NineP;

namespace Pewter.Tree.Tests;

public sealed class CloneTests : IAsyncLifetime
{
    private static readonly TimeSpan Grace = ObjectKind<Lamp>.DefaultGrace;
    private readonly ManualTime _time = new();
    private readonly LampService _service;

    public CloneTests() => _service = new(_time);

    private TreeClient Ann => _service.As(Callers.Ann);

    private bool Exists(string id) => _service.Lamps.Find(id) is not null;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task An_open_of_clone_is_an_open_of_the_new_objects_ctl()
    {
        var (id, ctl) = await Ann.CloneAsync("/lamp");
        await using var _ = ctl;
        Assert.Equal("l1", id);
        Assert.Equal((await Ann.WalkAsync("/lamp/l1/ctl")).Qid, ctl.Open.File.Qid);
        await ctl.WriteTextAsync("on\n");
        Assert.Equal("on", _service.Lamps.Find("l1")!.Item.State);
        Assert.Contains("\"ok\":true", await ctl.ReadTextAsync());
    }

    [Fact]
    public async Task The_object_belongs_to_who_made_it()
    {
        var (id, ctl) = await Ann.CloneAsync("/lamp");
        await using var _ = ctl;
        Assert.Equal(("ann", "lab"), (_service.Lamps.Find(id)!.Owner.User, _service.Lamps.Find(id)!.Owner.Group));
    }

    [Fact]
    public async Task Cat_clone_leaves_time_for_the_next_line_of_the_shell()
    {
        var id = (await Ann.ReadTextAsync("/lamp/clone")).TrimEnd('\n');
        _time.Advance(Grace - TimeSpan.FromSeconds(1));
        Assert.True(Exists(id));
        await Ann.WriteTextAsync($"/lamp/{id}/ctl", "on");
        _time.Advance(Grace - TimeSpan.FromSeconds(1));
        Assert.True(Exists(id));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(Exists(id));
        Assert.Equal([id], _service.Reaped);
    }

    [Fact]
    public async Task An_open_fid_keeps_it()
    {
        var id = (await Ann.ReadTextAsync("/lamp/clone")).TrimEnd('\n');
        await using (await Ann.OpenAsync($"/lamp/{id}/events"))
        {
            _time.Advance(Grace * 100);
            Assert.True(Exists(id));
        }

        _time.Advance(Grace);
        Assert.False(Exists(id));
    }

    [Fact]
    public async Task A_busy_object_lives_until_it_is_done()
    {
        var id = (await Ann.ReadTextAsync("/lamp/clone")).TrimEnd('\n');
        var lamp = _service.Lamps.Find(id)!;
        lamp.Item.IsBusy = true;
        _time.Advance(Grace * 100);
        Assert.True(Exists(id));
        lamp.Item.IsBusy = false;
        _service.Lamps.Changed(lamp.Number);
        _time.Advance(Grace);
        Assert.False(Exists(id));
    }

    [Fact]
    public async Task Type_persistent_keeps_it_and_type_normal_lets_it_go()
    {
        var id = (await Ann.ReadTextAsync("/lamp/clone")).TrimEnd('\n');
        await Ann.CommandAsync($"/lamp/{id}/ctl", ["type", "persistent"]);
        _time.Advance(Grace * 100);
        Assert.True(Exists(id));
        await Ann.CommandAsync($"/lamp/{id}/ctl", ["type", "normal"]);
        _time.Advance(Grace);
        Assert.False(Exists(id));
    }

    [Fact]
    public async Task Who_may_not_write_may_not_clone()
    {
        var reader = _service.As(Callers.ReadOnlyAdmin);
        Assert.Equal(Errno.EROFS, (await Assert.ThrowsAsync<FileException>(async () => await reader.OpenAsync("/lamp/clone"))).Errno);
        Assert.Equal(0, _service.Lamps.Count);
    }

    [Fact]
    public async Task A_thousand_clones_at_once_have_a_thousand_ids()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(async () => await Ann.ReadTextAsync("/lamp/clone"))));
        Assert.Equal(1000, ids.Distinct().Count());
    }
}
