using System.Security.Cryptography;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Testing;
using Pewter.Tree;
using static Pewter.Distribution.Tests.Machine;

namespace Pewter.Distribution.Tests;

public sealed class BlobTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("what is to be run\n");

    private static string Digest(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    [Fact]
    public async Task A_shell_makes_a_blob_with_clone_data_and_seal()
    {
        await using var machine = await StartAsync();
        var tree = machine.As(Caller.System);
        var (id, ctl) = await tree.CloneAsync("/blob", Token);
        await ctl.DisposeAsync();
        await tree.WriteTextAsync($"/blob/{id}/data", Encoding.UTF8.GetString(Content), Token);
        await tree.CommandAsync($"/blob/{id}/ctl", ["seal"], Token);
        Assert.Contains($"state=ready digest={Digest(Content)} size={Content.Length}", await tree.ReadTextAsync($"/blob/{id}/wait", Token));
        Assert.Equal(Content, await tree.ReadBytesAsync($"/blob/{id}/data", Token));
        Assert.Equal((ulong)Content.Length, (await tree.StatAsync($"/blob/{id}/data", Token)).Size);
        Assert.Equal(id + "\n", string.Concat(
            (await tree.ListAsync($"/blob/query/digest={Digest(Content)}", Token)).Where(name => name.StartsWith('b')).Select(name => name + "\n")));
    }

    [Fact]
    public async Task What_arrives_can_be_read_while_it_arrives_and_the_last_byte_makes_it_ready()
    {
        await using var machine = await StartAsync();
        var tree = machine.As(Caller.System);
        var id = await AddAsync(tree, Content);
        var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token);
        await using var reader = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.ReadOnly, Token);
        var read = reader.ReadToEndAsync(Token).AsTask();
        await data.WriteAsync(Content.AsMemory(0, 5), Token);
        Assert.False(read.IsCompleted);
        await data.WriteAsync(Content.AsMemory(5), Token);
        Assert.Equal(Content, await read);
        Assert.Equal("ready", (await machine.BlobsAsync())[0].GetProperty("state").GetString());
        await data.DisposeAsync();
    }

    [Fact]
    public async Task Content_of_another_digest_is_refused_and_can_be_sent_again()
    {
        await using var machine = await StartAsync();
        var tree = machine.As(Caller.System);
        var id = await AddAsync(tree, Content);
        await using (var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token))
        {
            var wrong = await Assert.ThrowsAsync<FileException>(async () => await data.WriteAsync(new byte[Content.Length], Token));
            Assert.Contains(Digest(Content), wrong.Message);
        }

        await using (var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token))
        {
            await data.WriteAsync(Content, Token);
        }

        Assert.Equal(Content, await tree.ReadBytesAsync($"/blob/{id}/data", Token));
    }

    [Fact]
    public async Task A_sender_that_left_takes_up_where_it_ended_and_readers_are_told()
    {
        await using var machine = await StartAsync();
        var tree = machine.As(Caller.System);
        var id = await AddAsync(tree, Content);
        Task<byte[]> reading;
        await using (var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token))
        {
            await data.WriteAsync(Content.AsMemory(0, 7), Token);
            reading = tree.ReadBytesAsync($"/blob/{id}/data", Token).AsTask();
            var busy = await Assert.ThrowsAsync<FileException>(async () => await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token));
            Assert.Equal(Errno.EBUSY, busy.Errno);
        }

        Assert.Contains("left after 7", (await Assert.ThrowsAsync<FileException>(() => reading)).Message);
        var reply = (await tree.CommandAsync("/blob/ctl", ["add", Digest(Content), $"{Content.Length}"], Token))[0];
        Assert.Equal((id, 7L), (reply.Text("id"), reply.Line.GetProperty("have").GetInt64()));
        await using (var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token))
        {
            await data.Open.WriteAsync(7, Content.AsMemory(7), Token);
        }

        Assert.Equal(Content, await tree.ReadBytesAsync($"/blob/{id}/data", Token));
    }

    [Fact]
    public async Task Pieces_may_come_early_and_a_gap_that_is_never_filled_ends_with_its_writer()
    {
        await using var machine = await StartAsync();
        var tree = machine.As(Caller.System);
        var id = await AddAsync(tree, Content);
        Task<int> never;
        await using (var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token))
        {
            var early = data.Open.WriteAsync(8, Content.AsMemory(8, 4), Token).AsTask();
            var first = data.Open.WriteAsync(0, Content.AsMemory(0, 4), Token).AsTask();
            Assert.Equal(4, await first);
            Assert.False(early.IsCompleted);
            await data.Open.WriteAsync(4, Content.AsMemory(4, 4), Token);
            Assert.Equal(4, await early);
            var far = await Assert.ThrowsAsync<FileException>(async () => await data.Open.WriteAsync(1 << 30, Content.AsMemory(0, 1), Token));
            Assert.Equal(Errno.EINVAL, far.Errno);
            never = data.Open.WriteAsync(14, Content.AsMemory(14), Token).AsTask();
        }

        await Assert.ThrowsAsync<FileException>(() => never);
    }

    [Fact]
    public async Task Others_cannot_see_or_send_a_blob_and_bring_their_own()
    {
        await using var machine = await StartAsync(owner: "bob");
        await UploadAsync(machine.As(Ann), Content);
        Assert.Empty(await machine.BlobsAsync(Bob));
        var missing = await Assert.ThrowsAsync<FileException>(async () =>
            await machine.As(Bob).CommandAsync("/blob/ctl", ["send", Digest(Content), "/node/n1"], Token));
        Assert.Equal(Errno.ENOENT, missing.Errno);
        await UploadAsync(machine.As(Bob), Content);
        Assert.Equal(2, (await machine.BlobsAsync()).Count);
        Assert.Single(Directory.GetFiles(Path.Combine(machine.State, "blob/data")));
        await machine.As(Bob).CommandAsync("/blob/ctl", ["send", Digest(Content), "/node/n1"], Token);
        var refused = await Assert.ThrowsAsync<FileException>(async () =>
            await machine.As(Ann).CommandAsync("/blob/ctl", ["send", Digest(Content), "/node/n1"], Token));
        Assert.Contains("ann may not send", refused.Message);
    }

    [Fact]
    public async Task A_limit_is_named_when_it_is_reached()
    {
        await using var machine = await StartAsync(new BlobLimits { BytesPerUser = 20, BlobsPerUser = 2 });
        await UploadAsync(machine.As(Ann), Content);
        var bytes = await Assert.ThrowsAsync<FileException>(async () => await UploadAsync(machine.As(Ann), "something else"u8.ToArray()));
        Assert.Equal(Errno.EDQUOT, bytes.Errno);
        Assert.Contains("BytesPerUser", bytes.Message);
        await UploadAsync(machine.As(Ann), "x"u8.ToArray());
        Assert.Contains("BlobsPerUser",
            (await Assert.ThrowsAsync<FileException>(async () => await UploadAsync(machine.As(Ann), "y"u8.ToArray()))).Message);
    }

    [Fact]
    public async Task The_least_recently_used_go_when_the_room_is_used_up()
    {
        await using var machine = await StartAsync(new BlobLimits { TotalBytes = 30 });
        var tree = machine.As(Caller.System);
        byte[][] contents = ["0123456789"u8.ToArray(), "abcdefghij"u8.ToArray(), "ABCDEFGHIJ"u8.ToArray(), "----------"u8.ToArray()];
        foreach (var content in contents.Take(3))
        {
            await UploadAsync(tree, content);
        }

        await tree.CommandAsync("/blob/ctl", ["send", Digest(contents[0]), "/node/n1"], Token);
        await UploadAsync(tree, contents[3]);
        var left = (await machine.BlobsAsync()).Select(blob => blob.GetProperty("digest").GetString()).ToHashSet();
        Assert.Equal([Digest(contents[0]), Digest(contents[2]), Digest(contents[3])],
            left.Order().Order(Comparer<string?>.Create((a, b) => Index(a) - Index(b))));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(machine.State, "blob/data")).Length);
        var big = await Assert.ThrowsAsync<FileException>(async () => await UploadAsync(tree, new byte[31]));
        Assert.Contains("TotalBytes", big.Message);

        int Index(string? digest) => Array.FindIndex(contents, content => Digest(content) == digest);
    }

    [Fact]
    public async Task What_nobody_uses_for_long_goes_and_what_never_came_sooner()
    {
        var time = new ManualTime();
        await using var machine = await StartAsync(new BlobLimits { SweepInterval = TimeSpan.FromSeconds(1) }, time);
        var tree = machine.As(Caller.System);
        await UploadAsync(tree, Content);
        await AddAsync(tree, "never written"u8.ToArray());
        time.Advance(TimeSpan.FromMinutes(11));
        await Until.TrueAsync(() => machine.BlobsAsync().Result.Count == 1, "what never came is gone");
        time.Advance(TimeSpan.FromDays(8));
        await Until.TrueAsync(() => machine.BlobsAsync().Result.Count == 0, "what nobody used is gone");
        Assert.Empty(Directory.GetFiles(Path.Combine(machine.State, "blob/data")));
    }

    [Fact]
    public async Task A_restart_keeps_what_was_ready_and_finds_what_was_damaged()
    {
        var machine = await StartAsync();
        await UploadAsync(machine.As(Caller.System), Content);
        await UploadAsync(machine.As(Caller.System), "damaged"u8.ToArray());
        machine = await machine.RestartAsync();
        await using (machine)
        {
            var file = Path.Combine(machine.State, "blob/data", Digest("damaged"u8));
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await File.WriteAllTextAsync(file, "DAMAGED");
            var tree = machine.As(Caller.System);
            Assert.Equal("ready", (await tree.CommandAsync("/blob/ctl", ["add", Digest(Content), $"{Content.Length}"], Token))[0].Text("state"));
            Assert.Equal("partial", (await tree.CommandAsync("/blob/ctl", ["add", Digest("damaged"u8), "7"], Token))[0].Text("state"));
        }
    }

    private static async Task<string> AddAsync(TreeClient tree, byte[] content) =>
        (await tree.CommandAsync("/blob/ctl", ["add", Digest(content), $"{content.Length}"], Token))[0].Text("id");

    private static async Task UploadAsync(TreeClient tree, byte[] content)
    {
        var id = await AddAsync(tree, content);
        await using var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token);
        await data.WriteAsync(content, Token);
    }
}
