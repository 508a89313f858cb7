using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

public sealed class CollectionTests : IAsyncLifetime
{
    private readonly LampService _service = new(new ManualTime());

    private TreeClient Ann => _service.As(Callers.Ann);

    private TreeClient Eve => _service.As(Callers.Eve);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task It_lists_its_files_then_its_objects_and_their_names()
    {
        _service.Add(Callers.Ann);
        _service.Add(Callers.Ann, "desk");
        Assert.Equal(
            ["clone", "ctl", "status", "json", "events", "wait", "query", "l1", "l2", "desk"], await Ann.ListAsync("/lamp"));
        Assert.Equal(["ctl", "status", "json", "events", "wait", "note"], await Ann.ListAsync("/lamp/l2"));
    }

    [Fact]
    public async Task A_name_is_a_link_to_the_id()
    {
        _service.Add(Callers.Ann, "desk");
        var link = await Ann.WalkAsync("/lamp/desk", followLast: false);
        Assert.Equal("l1", await link.ReadLinkAsync(Callers.Ann, default));
        Assert.StartsWith("/lamp/l1 name=desk ", await Ann.ReadTextAsync("/lamp/desk/status"));
    }

    [Theory]
    [InlineData("l7")]
    [InlineData("ctl")]
    [InlineData("a/b")]
    [InlineData("a=b")]
    [InlineData("..")]
    public async Task A_name_that_cannot_be_one_is_EINVAL(string name)
    {
        _service.Add(Callers.Ann);
        var replies = await Ann.TryCommandAsync("/lamp/l1/ctl", ["name", name]);
        Assert.Equal(Errno.EINVAL, Assert.Single(replies).Errno);
    }

    [Fact]
    public async Task A_name_belongs_to_one_object_and_is_free_when_that_is_gone()
    {
        var (first, _) = (_service.Add(Callers.Ann, "desk"), _service.Add(Callers.Ann));
        Assert.Equal(Errno.EEXIST, Assert.Single(await Ann.TryCommandAsync("/lamp/l2/ctl", ["name", "desk"])).Errno);
        _service.Lamps.Remove(first.Made.Number);
        await Ann.CommandAsync("/lamp/l2/ctl", ["name", "desk"]);
        Assert.StartsWith("/lamp/l2 ", await Ann.ReadTextAsync("/lamp/desk/status"));
    }

    [Fact]
    public async Task Status_is_a_logfmt_line_an_object_its_path_first()
    {
        var lamp = _service.Add(Callers.Ann, "desk");
        lamp.Tags.AddRange(["warm", "small"]);
        lamp.Note = "near the \"door\"";
        _service.Add(Callers.Bob);
        Assert.Equal(
            """
            /lamp/l1 name=desk user=ann group=lab state=off brightness=100 tags=warm,small note="near the \"door\""
            /lamp/l2 user=bob group=lab state=off brightness=100

            """,
            await Ann.ReadTextAsync("/lamp/status"));
        Assert.Equal("/lamp/l2 user=bob group=lab state=off brightness=100\n", await Ann.ReadTextAsync("/lamp/l2/status"));
    }

    [Fact]
    public async Task Json_is_the_whole_state()
    {
        _service.Add(Callers.Ann).Tags.Add("warm");
        _service.Add(Callers.Ann);
        using var all = JsonDocument.Parse(await Ann.ReadTextAsync("/lamp/json"));
        Assert.Equal(2, all.RootElement.GetArrayLength());
        Assert.Equal(
            """{"path":"/lamp/l1","id":"l1","user":"ann","group":"lab","state":"off","brightness":100,"tags":["warm"]}""" + "\n",
            await Ann.ReadTextAsync("/lamp/l1/json"));
    }

    [Fact]
    public async Task An_empty_collection_is_an_empty_array() =>
        Assert.Equal(0, JsonDocument.Parse(await Ann.ReadTextAsync("/lamp/json")).RootElement.GetArrayLength());

    [Fact]
    public async Task Ids_are_never_used_again()
    {
        var first = _service.Add(Callers.Ann);
        _service.Lamps.Remove(first.Made.Number);
        Assert.Equal("l2", _service.Add(Callers.Ann).Made.Id);
        _service.Lamps.Continue(40);
        Assert.Equal("l41", _service.Add(Callers.Ann).Made.Id);
    }

    [Fact]
    public async Task Other_spellings_of_an_id_are_no_files()
    {
        _service.Add(Callers.Ann);
        foreach (var name in new[] { "l01", "l+1", "1", "L1", "l1 ", "l99999999999999999999" })
        {
            Assert.Equal(Errno.ENOENT, (await Assert.ThrowsAsync<FileException>(async () => await Ann.WalkAsync("/lamp/" + name))).Errno);
        }
    }

    [Fact]
    public async Task Who_may_not_read_an_object_sees_it_in_no_file()
    {
        _service.Add(Callers.Ann, "desk");
        Assert.DoesNotContain("l1", await Eve.ListAsync("/lamp"));
        Assert.DoesNotContain("desk", await Eve.ListAsync("/lamp"));
        Assert.Equal("", await Eve.ReadTextAsync("/lamp/status"));
        Assert.Equal("[\n]\n", await Eve.ReadTextAsync("/lamp/json"));
        Assert.Equal(Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await Eve.ListAsync("/lamp/l1"))).Errno);
        Assert.Equal(Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await Eve.ReadTextAsync("/lamp/l1/status"))).Errno);
    }

    [Fact]
    public async Task The_qid_of_an_object_outlives_its_directory_in_memory()
    {
        _service.Add(Callers.Ann);
        var before = (await Ann.WalkAsync("/lamp/l1/ctl")).Qid;
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(before, (await Ann.WalkAsync("/lamp/l1/ctl")).Qid);
    }

    [Fact]
    public async Task Listing_goes_on_where_it_stopped_while_objects_come_and_go()
    {
        var lamps = Enumerable.Range(0, 100).Select(_ => _service.Add(Callers.Ann)).ToList();
        await using var open = await (await Ann.WalkAsync("/lamp")).OpenAsync(OpenFlags.Directory, Callers.Ann, default);
        var seen = new List<string>();
        for (var cookie = 0ul; ;)
        {
            var page = new EntryPage(7);
            await open.ReadDirectoryAsync(cookie, page, default);
            if (page.Entries.Count == 0)
            {
                break;
            }

            seen.AddRange(page.Entries.Select(entry => entry.Name));
            cookie = page.Entries[^1].Cookie;
            _service.Lamps.Remove(lamps[0].Made.Number);
            lamps.RemoveAt(0);
            lamps.RemoveRange(0, 0);
        }

        var ids = seen.Where(name => name.StartsWith('l')).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.Superset(lamps.Select(lamp => lamp.Made.Id).ToHashSet(), ids.ToHashSet());
    }
}
