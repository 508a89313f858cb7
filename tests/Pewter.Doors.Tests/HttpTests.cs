using System.Text.Json;
using Pewter.NineP;
using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>The tree over HTTP, asked by a real curl over both transports.</summary>
public sealed class HttpTests
{
    [Theory]
    [InlineData("/v1/tree/status", "", "/ state=ready\n", "200 text/plain; charset=utf-8")]
    [InlineData("/v1/tree/status", "-H 'Accept: application/json'", "{\"state\":\"ready\"}\n", "200 application/json")]
    [InlineData("/v1/tree/json", "", "{\"state\":\"ready\"}\n", "200 application/json")]
    [InlineData("/v1/tree/node/web/status", "", "/node/n1 state=ready\n", "200 text/plain; charset=utf-8")]
    [InlineData("/v1/tree/node/n1/knob", "-H 'Accept: application/json'", "1\n", "200 application/json")]
    [InlineData(
        "/v1/tree/node/n1/status", "-H 'Accept: application/json'",
        "{\"path\":\"/node/n1/status\",\"text\":\"/node/n1 state=ready\\n\"}", "200 application/json")]
    [InlineData("/v1/tree/node", "-H 'Accept: text/plain'", "n1\nn2\nweb\n", "200 text/plain; charset=utf-8")]
    [InlineData(
        "/v1/tree/node/", "",
        "{\"path\":\"/node\",\"entries\":[{\"name\":\"n1\",\"type\":\"directory\"},{\"name\":\"n2\",\"type\":\"directory\"},"
        + "{\"name\":\"web\",\"type\":\"link\"}],\"truncated\":false}",
        "200 application/json")]
    [InlineData("/v1/tree/status", "-H 'Accept: text/html;q=1, text/*;q=0.5'", "/ state=ready\n", "200 text/plain; charset=utf-8")]
    [InlineData("/v1/tree/status", "-I", "", "200 text/plain; charset=utf-8")]
    [InlineData("/healthz", "", "ok\n", "200 text/plain; charset=utf-8")]
    [InlineData("/readyz", "", "ready\n", "200 text/plain; charset=utf-8")]
    public async Task Get_gives_what_the_tree_holds(string path, string options, string body, string head)
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = await HttpHouse.OpenAsync(house);
        foreach (var curl in (string[])[door.Unix, door.Tcp(await house.TokenAsync("alice")), door.Tls(await house.TokenAsync("alice"))])
        {
            var result = await Shell.RunAsync($"{curl} {options} -o {house.Home["body"]} -w '%{{http_code}} %{{content_type}}' {door.Url(curl)}{path}");
            Assert.Equal(head, result.Output);
            if (!options.Contains("-I"))
                Assert.Equal(body, await File.ReadAllTextAsync(house.Home["body"]));
        }
    }

    [Theory]
    [InlineData("GET", "/v1/tree/nothing", "", 404, "ENOENT")]
    [InlineData("GET", "/v1/tree/secret", "", 403, "EACCES")]
    [InlineData("PUT", "/v1/tree/status", "x", 403, "EACCES")]
    [InlineData("POST", "/v1/tree/ctl", "go", 403, "EACCES")]
    [InlineData("PUT", "/v1/tree/node/new", "x", 403, "EACCES")]
    [InlineData("GET", "/v1/tree/status?since=x", "", 400, "EINVAL")]
    [InlineData("GET", "/v1/elsewhere", "", 404, null)]
    [InlineData("DELETE", "/v1/tree/status", "", 405, null)]
    public async Task A_failure_is_a_problem_with_its_errno(string method, string path, string body, int status, string? name)
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = await HttpHouse.OpenAsync(house);
        var curl = door.Tcp(await house.TokenAsync("mallory"));
        var data = body.Length > 0 ? $"--data '{body}'" : "";
        var result = await Shell.RunAsync($"{curl} -X {method} {data} -w '\\n%{{http_code}} %{{content_type}}' '{door.Url(curl)}{path}'");
        var lines = result.Output.Split('\n');
        Assert.Equal($"{status} application/problem+json", lines[1]);
        using var problem = JsonDocument.Parse(lines[0]);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        if (name is not null)
        {
            Assert.Equal(name, problem.RootElement.GetProperty("name").GetString());
            Assert.Equal((int)Enum.Parse<Errno>(name), problem.RootElement.GetProperty("errno").GetInt32());
        }

        Assert.Empty(house.Ctl.Commands);
    }

    [Fact]
    public async Task Commands_are_answered_with_their_results()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = await HttpHouse.OpenAsync(house);
        var curl = door.Tcp(await house.TokenAsync("alice"));
        var lines = await Shell.RunAsync($"{curl} --data-binary $'one\\ntwo' {door.Url(curl)}/v1/tree/ctl");
        Assert.Equal("{\"ok\":true,\"command\":\"one\"}\n{\"ok\":true,\"command\":\"two\"}\n", lines.Output);
        var array = await Shell.RunAsync($"{curl} -T - -H 'Accept: application/json' {door.Url(curl)}/v1/tree/ctl <<< three");
        Assert.Equal("[{\"ok\":true,\"command\":\"three\"}]", array.Output);
        var failed = await Shell.RunAsync($"{curl} --data fail {door.Url(curl)}/v1/tree/ctl -w '%{{http_code}}'");
        Assert.Contains("\"errno\":22", failed.Output);
        Assert.Contains("\"results\":[{\"ok\":false,", failed.Output);
        Assert.EndsWith("400", failed.Output);
        Assert.Equal(["one", "two", "three"], house.Ctl.Commands);
    }

    [Fact]
    public async Task Clone_gives_the_address_of_the_new_object()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = await HttpHouse.OpenAsync(house);
        var curl = door.Tcp(await house.TokenAsync("alice"));
        var result = await Shell.RunAsync($"{curl} -i --data 'type persistent' {door.Url(curl)}/v1/tree/clone");
        Assert.Contains("Location: /v1/tree/1\r\n", result.Output);
        Assert.EndsWith("{\"ok\":true,\"id\":\"1\"}\n{\"ok\":true,\"command\":\"type persistent\"}\n", result.Output);
    }

    [Fact]
    public async Task Put_replaces_and_post_appends()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = await HttpHouse.OpenAsync(house);
        house.Node1.Owner = "alice";
        var curl = door.Tcp(await house.TokenAsync("alice"));
        var url = $"{door.Url(curl)}/v1/tree/node/n1";
        var result = await Shell.RunAsync($$"""
            {{curl}} -X PUT --data 42 -w '%{http_code} ' {{url}}/knob; {{curl}} {{url}}/knob
            {{curl}} -T - -w ' %{http_code} ' {{url}}/new <<< made; {{curl}} {{url}}/new
            {{curl}} --data more -w '%{http_code} ' {{url}}/new; {{curl}} {{url}}/new
            head -c 900000 /dev/zero | {{curl}} -T - -w '%{http_code}' {{url}}/new >/dev/null; {{curl}} {{url}}/new | wc -c
            """);
        Assert.Equal("204 42 201 made\n204 made\nmore900000\n", result.Output);
    }

    [Fact]
    public async Task Too_many_bytes_of_commands_are_refused()
    {
        await using var house = await DoorHouse.OpenAsync();
        var door = await HttpHouse.OpenAsync(house);
        var curl = door.Tcp(await house.TokenAsync("alice"));
        var result = await Shell.RunAsync(
            $"head -c 1100000 /dev/zero | {curl} -T - -w '%{{http_code}}' {door.Url(curl)}/v1/tree/ctl");
        Assert.Contains("EFBIG", result.Output);
        Assert.EndsWith("413", result.Output);
    }
}
