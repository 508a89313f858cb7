using Pewter.NineP;
using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>The Unix socket: the kernel says who the peer is, and nothing else counts.</summary>
public sealed class NineUnixTests
{
    private const uint Nobody = 65534;

    [Theory]
    [InlineData("root", "-", "read secret", "EACCES")]
    [InlineData("alice", "-", "read secret", "EACCES")]
    [InlineData("root", "0", "read secret", "EACCES")]
    [InlineData("root", "0", "write ctl go", "EACCES")]
    [InlineData("root", "0", "write status x", "EACCES")]
    [InlineData("alice", "-", "read status", "/ state=ready\n")]
    public async Task A_claimed_name_or_number_proves_nothing(string name, string number, string what, string expected)
    {
        await using var house = await DoorHouse.OpenAsync();
        house.Open(new UnixEndpoint(house.Home["socket"]));
        Assert.Equal(expected, await AskAsync(house, Nobody, name, number, "", what));
        Assert.Empty(house.Ctl.Commands);
    }

    [Fact]
    public async Task Root_may_do_everything_and_may_act_for_a_user()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = house.Open(new UnixEndpoint(house.Home["socket"]));
        await using var client = await house.ConnectAsync(door);
        await using var root = await client.AttachAsync("whoever", "");
        Assert.Equal("hidden\n", await DoorHouse.ReadAsync(root, "secret"));
        await using var nobody = await client.AttachAsync("", "", Nobody);
        var refusal = await Assert.ThrowsAsync<FileException>(() => DoorHouse.ReadAsync(nobody, "secret"));
        Assert.Equal(Errno.EACCES, refusal.Errno);
    }

    [Fact]
    public async Task A_token_on_the_socket_counts_instead_of_the_uid()
    {
        await using var house = await DoorHouse.OpenAsync();
        house.Open(new UnixEndpoint(house.Home["socket"]));
        var token = await house.TokenAsync("alice");
        Assert.Equal("hidden\n", await AskAsync(house, Nobody, "x", "-", $",token={token}", "read secret"));
        Assert.Equal("EACCES", await AskAsync(house, Nobody, "x", "-", $",token={token}0", "read secret"));
    }

    [Fact]
    public async Task An_access_name_attaches_to_a_subtree()
    {
        await using var house = await DoorHouse.OpenAsync();
        house.Open(new UnixEndpoint(house.Home["socket"]));
        Assert.Equal("/node/n1 state=ready\n", await AskAsync(house, Nobody, "x", "-", "/node/web", "read status"));
        Assert.Equal("EINVAL", await AskAsync(house, Nobody, "x", "-", "/node/../secret", "read status"));
        Assert.Equal("EINVAL", await AskAsync(house, Nobody, "x", "-", ",tokn=abc", "read status"));
        Assert.Equal("ENOENT", await AskAsync(house, Nobody, "x", "-", "/nothing", "read status"));
    }

    [Fact]
    public async Task A_stale_socket_is_replaced_and_one_in_use_is_refused()
    {
        await using var house = await DoorHouse.OpenAsync();
        await Shell.RunAsync($"python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"{house.Home["socket"]}\")'");
        house.Open(new UnixEndpoint(house.Home["socket"]));
        var refusal = Assert.Throws<IOException>(() => house.Open(new UnixEndpoint(house.Home["socket"])));
        Assert.Contains("in use", refusal.Message);
        await File.WriteAllTextAsync(house.Home["file"], "mine");
        Assert.Throws<IOException>(() => house.Open(new UnixEndpoint(house.Home["file"])));
        Assert.Equal("mine", await File.ReadAllTextAsync(house.Home["file"]));
    }

    [Fact]
    public async Task One_peer_is_let_in_only_so_often_at_once()
    {
        await using var house = await DoorHouse.OpenAsync(limits: new DoorLimits { ConnectionsPerPeer = 2 });
        var door = house.Open(new UnixEndpoint(house.Home["socket"]));
        await using (var one = await house.ConnectAsync(door))
        await using (var two = await house.ConnectAsync(door))
            Assert.NotNull(await Record.ExceptionAsync(() => house.ConnectAsync(door)));
        await Until.TrueAsync(() => door.Connections == 0, "the connections end");
        await using var three = await house.ConnectAsync(door);
        Assert.Contains("pewter_door_refused_total{door=\"unix\",reason=\"connections\"} 1", house.Scrape());
    }

    private static async Task<string> AskAsync(DoorHouse house, uint user, string name, string number, string accessName, string what)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Pewter.Doors.Peer");
        var result = await Shell.RunAsync($"{program} {house.Home["socket"]} {name} {number} '{accessName}' {what}", user);
        Assert.Equal("", result.Errors);
        return result.Output;
    }
}
