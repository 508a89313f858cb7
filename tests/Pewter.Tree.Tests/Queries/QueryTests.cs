using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

public sealed class QueryTests : IAsyncLifetime
{
    private readonly LampService _service = new(TimeProvider.System);

    public QueryTests()
    {
        foreach (var (brightness, color, tags) in new (long, string?, string)[]
        {
            (10, "red", "warm small"), (20, "red", ""), (4000, "blue", "cold"), (30, null, "warm"), (20, "a/b,c", ""),
        })
        {
            var lamp = _service.Add(Callers.Ann);
            (lamp.Brightness, lamp.Color) = (brightness, color);
            lamp.Tags.AddRange(tags.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            _service.Lamps.Changed(lamp.Made.Number);
        }
    }

    private TreeClient Ann => _service.As(Callers.Ann);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private async Task<string> Ids(string query, TreeClient? client = null) =>
        string.Join(' ', (await (client ?? Ann).ListAsync("/lamp/query/" + query)).Where(name => name.StartsWith('l')));

    [Theory]
    [InlineData("color=red", "l1 l2")]
    [InlineData("color=red/brightness=20", "l2")]
    [InlineData("brightness>=20", "l2 l3 l4 l5")]
    [InlineData("brightness>20", "l3 l4")]
    [InlineData("brightness<=20", "l1 l2 l5")]
    [InlineData("brightness<20", "l1")]
    [InlineData("brightness=4K", "l3")]
    [InlineData("brightness>3.9K", "l3")]
    [InlineData("brightness>1Ki", "l3")]
    [InlineData("brightness=10,30", "l1 l4")]
    [InlineData("color!=red", "l3 l4 l5")]
    [InlineData("color!=red,blue", "l4 l5")]
    [InlineData("color~e", "l1 l2 l3")]
    [InlineData("color~?lue", "l3")]
    [InlineData("color~R*", "l1 l2")]
    [InlineData("warm", "l1 l4")]
    [InlineData("warm/small", "l1")]
    [InlineData("tags=warm,cold", "l1 l3 l4")]
    [InlineData("tags!=warm", "l2 l3 l5")]
    [InlineData("user=ann/state=off", "l1 l2 l3 l4 l5")]
    [InlineData("user=bob", "")]
    [InlineData("color/red", "l1 l2")]
    [InlineData("color=red/query/brightness/20", "l2")]
    [InlineData("color=a%2Fb%2Cc", "l5")]
    [InlineData("id=l3", "l3")]
    public async Task Conditions_of_the_path_all_hold(string query, string ids) => Assert.Equal(ids, await Ids(query));

    [Fact]
    public async Task A_query_directory_lists_the_keys_and_a_key_its_values()
    {
        Assert.Equal(["id", "name", "user", "group", "state", "brightness", "color", "tags", "note"], await Ann.ListAsync("/lamp/query"));
        Assert.Equal(["a%2Fb%2Cc", "blue", "red"], await Ann.ListAsync("/lamp/query/color"));
        Assert.Equal(["10", "20"], await Ann.ListAsync("/lamp/query/brightness<=20/query/brightness"));
        Assert.Equal(["10", "20", "30", "4000"], await _service.As(Callers.Admin).ListAsync("/lamp/query/brightness"));
        Assert.Empty(await _service.As(Callers.Eve).ListAsync("/lamp/query/color"));
    }

    [Theory]
    [InlineData("colour=red")]
    [InlineData("nosuchtag")]
    [InlineData("=x")]
    [InlineData("color=red/l3")]
    public async Task An_unknown_key_tag_or_object_is_ENOENT(string query) =>
        Assert.Equal(Errno.ENOENT, (await Assert.ThrowsAsync<FileException>(async () => await Ids(query))).Errno);

    [Theory]
    [InlineData("brightness=much")]
    [InlineData("brightness>1,2")]
    public async Task A_value_that_does_not_fit_is_EINVAL(string query) =>
        Assert.Equal(Errno.EINVAL, (await Assert.ThrowsAsync<FileException>(async () => await Ids(query))).Errno);

    [Fact]
    public async Task A_query_has_at_most_32_conditions() =>
        Assert.Equal(Errno.EINVAL, (await Assert.ThrowsAsync<FileException>(
            async () => await Ids(string.Join('/', Enumerable.Repeat("color=red", 33))))).Errno);

    [Fact]
    public async Task The_leaf_is_a_collection_again()
    {
        Assert.Equal(["ctl", "status", "json", "events", "wait", "l1", "l2"], await Ann.ListAsync("/lamp/query/color=red"));
        Assert.Equal(await Ann.ListAsync("/lamp/query"), await Ann.ListAsync("/lamp/query/color=red/query"));
        Assert.Equal(
            "/lamp/l2 user=ann group=lab state=off brightness=20 color=red\n", await Ann.ReadTextAsync("/lamp/query/color=red/brightness=20/status"));
        Assert.Equal(2, JsonDocument.Parse(await Ann.ReadTextAsync("/lamp/query/color=red/json")).RootElement.GetArrayLength());
        Assert.Equal((await Ann.WalkAsync("/lamp/l1")).Qid, (await Ann.WalkAsync("/lamp/query/color=red/l1")).Qid);
    }

    [Fact]
    public async Task Ctl_acts_on_every_match_with_a_result_for_each()
    {
        var replies = await Ann.CommandAsync("/lamp/query/color=red/ctl", ["on"]);
        Assert.Equal(["/lamp/l1", "/lamp/l2"], replies.Select(reply => reply.Target));
        Assert.Equal("l1 l2", await Ids("state=on"));
    }

    [Fact]
    public async Task Matches_the_caller_may_see_and_not_write_are_EACCES_lines_and_those_hidden_are_not_named()
    {
        await using var service = new LampService(TimeProvider.System);
        service.Add(Callers.Ann);
        service.Add(Callers.Eve);
        var stranger = new Caller { User = "bob", Groups = ["lab"] };
        var replies = await service.As(stranger).TryCommandAsync("/lamp/query/state=off/ctl", ["on"]);
        Assert.Equal("/lamp/l1", Assert.Single(replies).Target);
        Assert.True(replies[0].IsOk);
        Assert.Equal("off", service.Lamps.Find("l2")!.Item.State);
    }

    [Fact]
    public async Task One_failure_is_the_error_of_the_write_and_the_others_are_done()
    {
        _service.Break(_service.Lamps.Find("l1")!.Item, 1);
        await using var ctl = await Ann.OpenAsync("/lamp/query/color=red/ctl", OpenFlags.ReadWrite);
        var failure = await Assert.ThrowsAsync<FileException>(async () => await ctl.WriteTextAsync("on\n"));
        Assert.Equal(Errno.EIO, failure.Errno);
        Assert.StartsWith("1 of 2 failed", failure.Message);
        Assert.Equal("on", _service.Lamps.Find("l2")!.Item.State);
    }

    [Fact]
    public async Task The_matches_are_those_of_the_open()
    {
        await using var ctl = await Ann.OpenAsync("/lamp/query/state=off/ctl", OpenFlags.ReadWrite);
        Assert.Equal(5, (await ctl.TryCommandAsync("on")).Count);
        Assert.Equal(5, (await ctl.TryCommandAsync("off")).Count);
    }

    [Fact]
    public async Task A_command_to_nothing_is_ENOENT() =>
        Assert.Equal(Errno.ENOENT, Assert.Single(await Ann.TryCommandAsync("/lamp/query/user=bob/ctl", ["on"])).Errno);

    [Fact]
    public async Task Wait_and_events_are_of_the_matches()
    {
        await using var events = await Ann.OpenAsync("/lamp/query/color=red/events");
        var all = Ann.ReadTextAsync("/lamp/query/color=red/wait").AsTask();
        _service.Break(_service.Lamps.Find("l3")!.Item, 3);
        _service.Break(_service.Lamps.Find("l2")!.Item, 2);
        _service.Break(_service.Lamps.Find("l1")!.Item, 1);
        Assert.Equal("/lamp/l2 state=broken code=2\n/lamp/l1 state=broken code=1\n", await all);
        Assert.Contains("/lamp/l2", await events.ReadLineAsync());
    }

    [Fact]
    public async Task Indexes_follow_changes_and_agree_with_looking_at_every_object()
    {
        var random = new Random(11);
        var lamps = Enumerable.Range(1, 5).Select(number => _service.Lamps.Find(number)!).ToList();
        for (var round = 0; round < 3000; round++)
        {
            if (random.Next(4) == 0)
            {
                var added = _service.Add(Callers.Ann);
                lamps.Add(_service.Lamps.Find(added.Made.Number)!);
            }

            var lamp = lamps[random.Next(lamps.Count)];
            lamp.Item.Brightness = random.Next(8);
            lamp.Item.Tags.Clear();
            lamp.Item.Tags.AddRange(Enumerable.Range(0, random.Next(3)).Select(tag => $"t{tag}"));
            _service.Lamps.Changed(lamp.Number);
            if (random.Next(5) == 0 && lamps.Remove(lamp))
            {
                _service.Lamps.Remove(lamp.Number);
            }
        }

        Assert.Equal(Sorted(lamp => lamp.Brightness is >= 2 and < 6 && lamp.Tags.Contains("t1")), await Ids("brightness>=2/t1/brightness<6"));
        Assert.Equal(Sorted(lamp => lamp.Brightness == 3), await Ids("brightness=3"));

        string Sorted(Func<Lamp, bool> holds) =>
            string.Join(' ', lamps.Where(lamp => holds(lamp.Item)).OrderBy(lamp => lamp.Number).Select(lamp => lamp.Id));
    }
}
