using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

public sealed class EventsTests
{
    private readonly EventLog _log = new(new ManualTime(), capacity: 8);
    private readonly TreeClient _client;

    public EventsTests() => _client = new(new TreeDirectory().Add("events", new EventsFile(_log)), Callers.Ann);

    private static long Seq(string? line) => JsonDocument.Parse(line!).RootElement.GetProperty("seq").GetInt64();

    [Fact]
    public async Task A_reader_waits_and_gets_what_happens_after_its_open()
    {
        _log.Append("before");
        await using var events = await _client.OpenAsync("/events");
        var line = events.ReadLineAsync().AsTask();
        Assert.False(line.IsCompleted);
        _log.Append("after", json => json.WriteNumber("n", 5));
        Assert.Equal("""{"seq":2,"time":"2026-01-02T03:04:05+00:00","event":"after","n":5}""", await line);
    }

    [Fact]
    public async Task Since_resumes_after_a_number()
    {
        for (var i = 0; i < 5; i++)
        {
            _log.Append("e");
        }

        await using var events = await _client.OpenAsync("/events", OpenFlags.ReadWrite);
        await events.WriteTextAsync("since 3\n");
        Assert.Equal(4, Seq(await events.ReadLineAsync()));
        await events.WriteTextAsync("since 0");
    }

    [Fact]
    public async Task What_was_missed_is_told_in_a_line()
    {
        for (var i = 0; i < 20; i++)
        {
            _log.Append("e");
        }

        await using var events = await _client.OpenAsync("/events", OpenFlags.ReadWrite);
        await events.WriteTextAsync("since 0");
        Assert.Equal("""{"seq":12,"gap":12}""", await events.ReadLineAsync());
        Assert.Equal(13, Seq(await events.ReadLineAsync()));
    }

    [Fact]
    public async Task Two_readers_both_get_everything()
    {
        await using var one = await _client.OpenAsync("/events");
        await using var two = await _client.OpenAsync("/events");
        _log.Append("e");
        Assert.Equal(await one.ReadLineAsync(), await two.ReadLineAsync());
    }

    [Fact]
    public async Task A_line_longer_than_the_read_comes_in_pieces()
    {
        await using var events = await _client.OpenAsync("/events");
        _log.Append("e", json => json.WriteString("text", new string('x', 300)));
        var (text, buffer) = ("", new byte[10]);
        while (!text.EndsWith('\n'))
        {
            var count = await events.ReadAsync(buffer);
            text += System.Text.Encoding.UTF8.GetString(buffer, 0, count);
        }

        Assert.Equal(1, Seq(text));
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        await using var events = await _client.OpenAsync("/events");
        for (var round = 1; round <= 50; round++)
        {
            using var cancel = new CancellationTokenSource();
            var line = events.ReadLineAsync(cancel.Token).AsTask();
            var append = Task.Run(() => _log.Append("e"));
            await cancel.CancelAsync();
            await append;
            string? got;
            try
            {
                got = await line;
            }
            catch (OperationCanceledException)
            {
                got = await events.ReadLineAsync();
            }

            Assert.Equal(round, Seq(got));
        }
    }

    [Theory]
    [InlineData("since")]
    [InlineData("since x")]
    [InlineData("since -1")]
    [InlineData("until 5")]
    public async Task Anything_else_written_is_EINVAL(string text)
    {
        await using var events = await _client.OpenAsync("/events", OpenFlags.ReadWrite);
        Assert.Equal(Errno.EINVAL, (await Assert.ThrowsAsync<FileException>(async () => await events.WriteTextAsync(text))).Errno);
    }

    [Fact]
    public async Task Numbers_go_on_after_a_restart()
    {
        var log = new EventLog(TimeProvider.System, 8, last: 100);
        Assert.Equal(101, log.Append("e"));
        await using var events = await new TreeClient(new TreeDirectory().Add("events", new EventsFile(log)), Callers.Ann)
            .OpenAsync("/events", OpenFlags.ReadWrite);
        await events.WriteTextAsync("since 98");
        Assert.Equal("""{"seq":100,"gap":2}""", await events.ReadLineAsync());
        Assert.Equal(101, Seq(await events.ReadLineAsync()));
    }

    [Fact]
    public async Task Objects_have_their_own_events_and_strangers_see_none()
    {
        await using var service = new LampService(TimeProvider.System);
        await using var eve = await service.As(Callers.Eve).OpenAsync("/lamp/events");
        service.Add(Callers.Ann);
        service.Add(Callers.Ann);
        await using var first = await service.As(Callers.Ann).OpenAsync("/lamp/l1/events");
        await using var all = await service.As(Callers.Ann).OpenAsync("/lamp/events");
        await service.As(Callers.Ann).CommandAsync("/lamp/l2/ctl", ["on"]);
        await service.As(Callers.Ann).CommandAsync("/lamp/l1/ctl", ["on"]);
        Assert.Contains("\"path\":\"/lamp/l1\",\"state\":\"on\",\"was\":\"off\"", await first.ReadLineAsync());
        Assert.Contains("/lamp/l2", await all.ReadLineAsync());
        Assert.False(eve.Open.TryRead(0, new byte[100], out _));
    }
}
