using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pewter.Doors.Tls;
using Pewter.NineP;
using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>9P over TCP: client certificates and tokens.</summary>
public sealed class NineNetworkTests
{
    [Fact]
    public async Task A_client_certificate_says_who_the_peer_is()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = house.Open(new TlsEndpoint(DoorHouse.FreePort));
        using var alice = Issue(house, new ClientIdentity("alice", []));
        using var labs = Issue(house, new ClientIdentity("bob", ["lab"]));
        using var mallory = Issue(house, new ClientIdentity("mallory", ["elsewhere"]));
        Assert.Equal("hidden\n", await ReadSecretAsync(house, door, alice));
        Assert.Equal("hidden\n", await ReadSecretAsync(house, door, labs));
        Assert.Equal("EACCES", await ReadSecretAsync(house, door, mallory));
        Assert.Equal("EACCES", await WriteCtlAsync(house, door, mallory));
        Assert.Empty(house.Ctl.Commands);
    }

    [Fact]
    public async Task Titles_make_an_administrator_and_a_reader()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = house.Open(new TlsEndpoint(DoorHouse.FreePort));
        using var admin = Issue(house, new ClientIdentity("ops", [], IsAdmin: true));
        using var reader = Issue(house, new ClientIdentity("alice", ["lab"], IsReadOnly: true));
        Assert.Equal("hidden\n", await ReadSecretAsync(house, door, admin));
        Assert.Equal("hidden\n", await ReadSecretAsync(house, door, reader));
        Assert.Equal("EROFS", await WriteCtlAsync(house, door, reader));
    }

    [Fact]
    public async Task Without_a_certificate_or_a_token_nobody_attaches()
    {
        await using var house = await DoorHouse.OpenAsync();
        foreach (var door in (NineDoors.NineDoor[])[house.Open(new TlsEndpoint(DoorHouse.FreePort)), house.Open(new LoopbackEndpoint(DoorHouse.FreePort))])
        {
            await using var client = await house.ConnectAsync(door);
            foreach (var name in (string[])["", "/", ",token=", ",token=pwt_0000000000_", $",token=pwt_0000000000_{new string('0', 64)}"])
            {
                var refusal = await Assert.ThrowsAsync<FileException>(() => client.AttachAsync("root", name, 0));
                Assert.Equal(Errno.EACCES, refusal.Errno);
            }
        }
    }

    [Theory]
    [InlineData("foreign")]
    [InlineData("server")]
    [InlineData("expired")]
    [InlineData("revoked")]
    public async Task A_certificate_that_is_not_good_ends_the_handshake(string kind)
    {
        var time = new ManualTime();
        await using var house = await DoorHouse.OpenAsync(time);
        await using var otherState = await DoorHouse.OpenStateAsync();
        using var foreign = await CertificateAuthority.OpenAsync(otherState, time);
        var root = new ClientIdentity("root", [], IsAdmin: true);
        var issued = kind switch
        {
            "foreign" => foreign.IssueClient(root, TimeSpan.FromDays(1)),
            "server" => house.Context.Authority!.IssueServer(["root"], [], TimeSpan.FromDays(1)),
            _ => house.Context.Authority!.IssueClient(root, TimeSpan.FromDays(1)),
        };
        if (kind == "expired")
            time.Advance(TimeSpan.FromDays(2));
        if (kind == "revoked")
            await house.Context.Authority!.RevokeAsync(issued.Serial);
        var door = house.Open(new TlsEndpoint(DoorHouse.FreePort));
        using var certificate = DoorHouse.Load(issued);
        var failure = await Record.ExceptionAsync(() => house.ConnectAsync(door, certificate));
        Assert.True(failure is AuthenticationException or IOException or FileException, $"{failure}");
    }

    [Fact]
    public async Task Revocation_and_expiry_end_what_is_connected()
    {
        var time = new ManualTime();
        await using var house = await DoorHouse.OpenAsync(time);
        var door = house.Open(new TlsEndpoint(DoorHouse.FreePort));
        var issued = house.Context.Authority!.IssueClient(new ClientIdentity("alice", []), TimeSpan.FromDays(1));
        using var alice = DoorHouse.Load(issued);
        using var bob = Issue(house, new ClientIdentity("bob", []));
        await using var hers = await house.ConnectAsync(door, alice);
        await using var his = await house.ConnectAsync(door, bob);
        await using var token = await house.ConnectAsync(door);
        await token.AttachAsync("", $",token={await house.TokenAsync("carol", life: TimeSpan.FromHours(2))}");
        await using var revocable = await house.ConnectAsync(door);
        var words = await house.TokenAsync("dave");
        await revocable.AttachAsync("", $",token={words}");

        await house.Context.Authority!.RevokeAsync(issued.Serial);
        await hers.Completion.WaitAsync(TimeSpan.FromSeconds(10));
        await house.Context.Tokens.RevokeAsync(words.Split('_')[1]);
        await revocable.Completion.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(token.Completion.IsCompleted);
        time.Advance(TimeSpan.FromHours(3));
        await token.Completion.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(his.Completion.IsCompleted);
        time.Advance(TimeSpan.FromDays(30));
        await his.Completion.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_token_is_good_for_its_subtree_only()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = house.Open(new LoopbackEndpoint(DoorHouse.FreePort));
        var token = await house.TokenAsync("ops", isAdmin: true, prefix: "/node/web");
        await using var client = await house.ConnectAsync(door);
        await using var root = await client.AttachAsync("", $",token={token}");
        Assert.Equal("/node/n1 state=ready\n", await DoorHouse.ReadAsync(root, "status"));
        Assert.Equal("/node/n1 state=ready\n", await DoorHouse.ReadAsync(root, "../status"));
        await using var same = await client.AttachAsync("", $"/node/n1,token={token}");
        foreach (var path in (string[])["/node", "/node/n2", "/node/n3", "/secret", "/node/n1/out"])
        {
            var refusal = await Assert.ThrowsAsync<FileException>(() => client.AttachAsync("", $"{path},token={token}"));
            Assert.Equal((path, Errno.EACCES), (path, refusal.Errno));
        }
    }

    [Fact]
    public async Task A_reading_token_changes_nothing()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = house.Open(new LoopbackEndpoint(DoorHouse.FreePort));
        await using var client = await house.ConnectAsync(door);
        await using var root = await client.AttachAsync("", $",token={await house.TokenAsync("root", isAdmin: true, isReadOnly: true)}");
        Assert.Equal("hidden\n", await DoorHouse.ReadAsync(root, "secret"));
        var refusal = await Assert.ThrowsAsync<FileException>(() => DoorHouse.WriteAsync(root, "ctl", "go\n"));
        Assert.Equal(Errno.EROFS, refusal.Errno);
    }

    [Fact]
    public async Task Plain_tcp_is_refused_on_other_addresses()
    {
        await using var house = await DoorHouse.OpenAsync();
        Assert.Throws<IOException>(() => house.Open(new LoopbackEndpoint(new IPEndPoint(IPAddress.Any, 0))));
    }

    [Fact]
    public async Task Too_many_arrivals_from_one_address_are_turned_away()
    {
        var time = new ManualTime();
        await using var house = await DoorHouse.OpenAsync(time, new DoorLimits { ArrivalsAtOnce = 3, ArrivalsPerSecond = 1 });
        var door = house.Open(new LoopbackEndpoint(DoorHouse.FreePort));
        for (var i = 0; i < 3; i++)
            await (await house.ConnectAsync(door)).DisposeAsync();
        Assert.NotNull(await Record.ExceptionAsync(() => house.ConnectAsync(door)));
        time.Advance(TimeSpan.FromSeconds(1));
        await (await house.ConnectAsync(door)).DisposeAsync();
        Assert.Contains("reason=\"rate\"} 1", house.Scrape());
    }

    [Fact]
    public async Task Nonsense_and_silence_close_that_connection_only()
    {
        await using var house = await DoorHouse.OpenAsync(limits: new DoorLimits { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        var door = house.Open(new TlsEndpoint(DoorHouse.FreePort));
        var port = ((IPEndPoint)door.LocalEndPoint).Port;
        var result = await Shell.RunAsync(
            $"exec 3<>/dev/tcp/127.0.0.1/{port}; head -c 20000 /dev/urandom >&3; cat <&3 >/dev/null; "
            + $"exec 4<>/dev/tcp/127.0.0.1/{port}; timeout 5 cat <&4; echo $?");
        Assert.EndsWith("0\n", result.Output);
        using var alice = Issue(house, new ClientIdentity("alice", []));
        Assert.Equal("hidden\n", await ReadSecretAsync(house, door, alice));
    }

    private static X509Certificate2 Issue(DoorHouse house, ClientIdentity identity) =>
        DoorHouse.Load(house.Context.Authority!.IssueClient(identity, TimeSpan.FromDays(20)));

    private static async Task<string> ReadSecretAsync(DoorHouse house, NineDoors.NineDoor door, X509Certificate2 certificate)
    {
        await using var client = await house.ConnectAsync(door, certificate);
        await using var root = await client.AttachAsync("root", "", 0);
        try
        {
            return await DoorHouse.ReadAsync(root, "secret");
        }
        catch (FileException refusal)
        {
            return refusal.Errno.ToString();
        }
    }

    private static async Task<string> WriteCtlAsync(DoorHouse house, NineDoors.NineDoor door, X509Certificate2 certificate)
    {
        await using var client = await house.ConnectAsync(door, certificate);
        await using var root = await client.AttachAsync("root", "", 0);
        var refusal = await Assert.ThrowsAsync<FileException>(() => DoorHouse.WriteAsync(root, "ctl", "go\n"));
        return refusal.Errno.ToString();
    }
}
