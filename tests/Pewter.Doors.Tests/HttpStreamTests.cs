using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>Files that make their readers wait, over HTTP.</summary>
public sealed class HttpStreamTests
{
    [Theory]
    [InlineData("text/event-stream", "id: 2\ndata: {\"seq\":2,\"n\":[{\"seq\":9}]}\n\nid: 3\ndata: {\"seq\":3}\n\ndata: plain\n\nevent: end\ndata: {}\n\n")]
    [InlineData("application/octet-stream", "{\"seq\":2,\"n\":[{\"seq\":9}]}\n{\"seq\":3}\nplain")]
    [InlineData("application/x-ndjson", "{\"seq\":2,\"n\":[{\"seq\":9}]}\n{\"seq\":3}\nplain")]
    [InlineData("text/plain", "{\"seq\":2,\"n\":[{\"seq\":9}]}\n{\"seq\":3}\nplain")]
    public async Task Events_arrive_as_they_happen_and_resume_after_the_last(string accept, string expected)
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        house.Events.Append("{\"seq\":1}");
        house.Events.Append("{\"seq\":2,\"n\":[{\"seq\":9}]}");
        using var curl = Shell.Start($"{http.Unix} -N -H 'Accept: {accept}' -H 'Last-Event-ID: 1' http://localhost/v1/tree/events");
        var text = "";
        while (!text.Contains("\"seq\":2"))
            text += await curl.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)) + "\n";
        await Until.TrueAsync(() => house.Events.Waiting == 1, "the reader waits");
        house.Events.Append("{\"seq\":3}");
        house.Events.Append("plain");
        house.Events.End();
        text += await curl.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(expected.TrimEnd('\n'), text.TrimEnd('\n'));
        await Until.TrueAsync(() => house.Events.Opens == 0, "the open is released");
    }

    [Fact]
    public async Task A_client_that_goes_away_releases_the_file()
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        using var curl = Shell.Start($"exec {http.Unix} -N -H 'Accept: text/event-stream' http://localhost/v1/tree/events");
        await Until.TrueAsync(() => house.Events.Waiting == 1, "the reader waits");
        curl.Kill();
        await Until.TrueAsync(() => house.Events is { Waiting: 0, Opens: 0 }, "the open is released");
    }

    [Fact]
    public async Task A_silent_stream_is_kept_alive_by_comments()
    {
        await using var house = await DoorHouse.OpenAsync(limits: new DoorLimits { HeartbeatInterval = TimeSpan.FromMilliseconds(50) });
        var http = await HttpHouse.OpenAsync(house);
        using var curl = Shell.Start($"exec {http.Unix} -N -H 'Accept: text/event-stream' 'http://localhost/v1/tree/events?since=0'");
        Assert.Equal(": ", await curl.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("", await curl.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(": ", await curl.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        house.Events.Append("after");
        string? line;
        while ((line = await curl.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10))) is "" or ": ")
            ;
        Assert.Equal("data: after", line);
        curl.Kill();
        await Until.TrueAsync(() => house.Events.Opens == 0, "the open is released");
    }

    [Fact]
    public async Task A_stream_ends_when_its_token_does()
    {
        var time = new ManualTime();
        await using var house = await DoorHouse.OpenAsync(time);
        var http = await HttpHouse.OpenAsync(house);
        var tcp = http.Tcp(await house.TokenAsync("alice", life: TimeSpan.FromMinutes(5)));
        using var curl = Shell.Start($"exec {tcp} -N -H 'Accept: text/event-stream' {http.Url(tcp)}/v1/tree/events");
        await Until.TrueAsync(() => house.Events.Waiting == 1, "the reader waits");
        time.Advance(TimeSpan.FromMinutes(6));
        await curl.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.NotEqual(0, curl.ExitCode);
        Assert.Contains("401", (await Shell.RunAsync($"{tcp} {http.Url(tcp)}/v1/tree/status -w '%{{http_code}}'")).Output);
    }

    [Fact]
    public async Task Closing_the_door_ends_streams_at_once()
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        using var curl = Shell.Start($"exec {http.Unix} -N -H 'Accept: application/octet-stream' http://localhost/v1/tree/events");
        await Until.TrueAsync(() => house.Events.Waiting == 1, "the reader waits");
        await http.Door.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(0, house.Events.Opens);
        await curl.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
    }
}
