using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

public sealed class StreamFileTests
{
    private readonly ByteStream _stdin = new(new() { WhenFull = WhenFull.Wait });
    private readonly ByteStream _stdout = new();
    private readonly List<long> _closed = [];
    private readonly TreeClient _client;

    public StreamFileTests() => _client = new(
        new TreeDirectory()
            .Add("stdin", new StreamFile(null, _stdin) { LastWriterClosed = _closed.Add })
            .Add("stdout", new StreamFile(_stdout))
            .Add("stdio", new StreamFile(_stdout, _stdin)),
        Callers.Admin);

    [Fact]
    public async Task Output_is_read_as_it_comes_whatever_the_offset()
    {
        await using var file = await _client.OpenAsync("/stdout");
        var line = file.ReadLineAsync().AsTask();
        Assert.False(line.IsCompleted);
        await _stdout.WriteAsync("one\ntwo\n"u8.ToArray());
        Assert.Equal("one", await line);
        _stdout.Complete();
        Assert.Equal("two", await file.ReadLineAsync());
        Assert.Null(await file.ReadLineAsync());
        Assert.Equal("one\ntwo\n", await _client.ReadTextAsync("/stdout"));
        Assert.Equal(0ul, (await _client.StatAsync("/stdout")).Size);
    }

    [Fact]
    public async Task The_last_close_for_writing_is_told_once_with_the_bytes_written()
    {
        await using (await _client.OpenAsync("/stdin", OpenFlags.WriteOnly))
        {
            await _client.WriteTextAsync("/stdin", "hello");
            Assert.Empty(_closed);
        }

        Assert.Equal([5], _closed);
    }

    [Fact]
    public async Task An_open_to_truncate_is_an_open_that_wrote_nothing()
    {
        await (await _client.WalkAsync("/stdin")).ChangeStatAsync(new() { Size = 0 }, Callers.Admin, default);
        Assert.Empty(_closed);
        await (await _client.OpenAsync("/stdin", OpenFlags.WriteOnly | OpenFlags.Truncate)).DisposeAsync();
        Assert.Equal([0], _closed);
    }

    [Fact]
    public async Task Both_directions_fit_one_fid()
    {
        await using var file = await _client.OpenAsync("/stdio", OpenFlags.ReadWrite);
        await file.WriteTextAsync("in\n");
        await _stdout.WriteAsync("out\n"u8.ToArray());
        Assert.Equal("out", await file.ReadLineAsync());
        Assert.Equal(3, _stdin.Written);
    }

    [Fact]
    public async Task The_wrong_direction_is_EACCES()
    {
        Assert.Equal(Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await _client.OpenAsync("/stdin"))).Errno);
        Assert.Equal(
            Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await _client.OpenAsync("/stdout", OpenFlags.WriteOnly))).Errno);
    }

    [Fact]
    public async Task A_closed_reader_frees_the_writer()
    {
        var file = await _client.OpenAsync("/stdout");
        var write = _stdout.WriteAsync(new byte[200_000]).AsTask();
        Assert.False(write.IsCompleted);
        await file.DisposeAsync();
        Assert.Equal(200_000, await write);
    }
}
