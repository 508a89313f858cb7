using Pewter.Doors.Tls;
using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>Over HTTP too, a caller may do what its proof allows and nothing else.</summary>
public sealed class HttpAccessTests
{
    private const uint Nobody = 65534;

    [Fact]
    public async Task The_uid_at_the_unix_socket_counts()
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        var read = $"{http.Unix} http://localhost/v1/tree/secret";
        var write = $"{http.Unix} --data go http://localhost/v1/tree/ctl";
        Assert.Contains("EACCES", (await Shell.RunAsync(read, Nobody)).Output);
        Assert.Contains("EACCES", (await Shell.RunAsync(write, Nobody)).Output);
        Assert.Empty(house.Ctl.Commands);
        Assert.Equal("hidden\n", (await Shell.RunAsync(read)).Output);
        var nobodys = house.Root.Add("nobodys", new Testing.Serving.MemoryText("mine\n") { Owner = "nobody", Mode = 0x180 });
        Assert.Equal("mine\n", (await Shell.RunAsync($"{http.Unix} http://localhost/v1/tree/nobodys", Nobody)).Output);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("pwt_x")]
    [InlineData("pwt_0000000000_0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Without_proof_everything_is_401_but_health_and_documentation(string? token)
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        foreach (var curl in (string[])[http.Tcp(token), http.Tls(token)])
        {
            var script = string.Join(';', ((string[])["v1/tree/status", "v1/tree/", "metrics", "healthz", "readyz", "openapi.json"])
                .Select(path => $"{curl} -o /dev/null -w '%{{http_code}} ' {http.Url(curl)}/{path}"));
            Assert.Equal("401 401 401 200 200 200 ", (await Shell.RunAsync(script)).Output);
            Assert.Contains("401", (await Shell.RunAsync($"{curl} -o /dev/null -w '%{{http_code}}' --data go {http.Url(curl)}/v1/tree/ctl")).Output);
        }

        Assert.Empty(house.Ctl.Commands);
    }

    [Fact]
    public async Task A_client_certificate_says_who_asks_until_it_is_revoked()
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        var issued = house.Context.Authority!.IssueClient(new ClientIdentity("alice", []), TimeSpan.FromDays(1));
        await File.WriteAllTextAsync(house.Home["alice.pem"], issued.CertificatePem + issued.RevealKeyPem());
        var curl = http.Tls(null, house.Home["alice.pem"]);
        Assert.Equal("hidden\n", (await Shell.RunAsync($"{curl} {http.Url(curl)}/v1/tree/secret")).Output);
        await house.Context.Authority!.RevokeAsync(issued.Serial);
        var refused = await Shell.RunAsync($"{curl} {http.Url(curl)}/v1/tree/secret");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.DoesNotContain("hidden", refused.Output);
    }

    [Theory]
    [InlineData("node/n1/status", "200")]
    [InlineData("node/web/status", "200")]
    [InlineData("node/n2/status", "403")]
    [InlineData("node/n3", "403")]
    [InlineData("node", "403")]
    [InlineData("secret", "403")]
    [InlineData("node/n1/out", "403")]
    [InlineData("node/n1/%2e%2e/n2/status", "403")]
    public async Task A_token_is_good_for_its_subtree_only(string path, string status)
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        var curl = http.Tcp(await house.TokenAsync("ops", isAdmin: true, prefix: "/node/n1"));
        var result = await Shell.RunAsync($"{curl} --path-as-is -w ' %{{http_code}}' {http.Url(curl)}/v1/tree/{path}");
        Assert.EndsWith($" {status}", result.Output);
        Assert.DoesNotContain("hidden", result.Output);
        Assert.DoesNotContain("/node/n2 ", result.Output);
    }

    [Fact]
    public async Task A_reading_token_changes_nothing()
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        var curl = http.Tcp(await house.TokenAsync("root", isAdmin: true, isReadOnly: true));
        Assert.Contains("EROFS", (await Shell.RunAsync($"{curl} --data go {http.Url(curl)}/v1/tree/ctl")).Output);
        Assert.Contains("EROFS", (await Shell.RunAsync($"{curl} -X PUT --data x {http.Url(curl)}/v1/tree/node/made")).Output);
        Assert.Contains("EROFS", (await Shell.RunAsync($"{curl} --data x {http.Url(curl)}/v1/tree/clone")).Output);
    }
}
