using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Sdk;
using Pewter.Testing;
using static Pewter.Distribution.Tests.Machine;

namespace Pewter.Distribution.Tests;

public sealed class SendTests
{
    [Fact]
    public async Task Nodes_of_one_machine_see_one_copy()
    {
        await using var machine = await StartAsync();
        using var files = new TemporaryDirectory();
        var pushed = await PushAsync(machine, files, ("tool", "#!/bin/sh\n"), ("input", "1 2 3\n"));
        var places = await machine.Files().SendAsync(pushed, ["/node/n1", "/node/n2"], Token);
        Assert.Equal([$"/run/files/{pushed.Digest}"], places.Values.Distinct());
        var directory = machine.Seen(places["/node/n1"]);
        Assert.Equal("1 2 3\n", await File.ReadAllTextAsync(Path.Combine(directory, "input"), Token));
        Assert.True(File.GetUnixFileMode(Path.Combine(directory, "tool")).HasFlag(UnixFileMode.OtherExecute));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(machine.State, "blob/data")).Length);
        Assert.Equal("2", (await Shell.RunAsync($"stat -c %h {Path.Combine(directory, "tool")}")).Output.Trim());
    }

    [Fact]
    public async Task A_peer_gets_it_once_whatever_number_of_nodes_is_below_it()
    {
        await using var top = await StartAsync();
        await using var gateway = await StartAsync();
        await using var leaf = await StartAsync();
        await top.AddPeerAsync("gw", gateway);
        await gateway.AddPeerAsync("leaf", leaf);
        using var files = new TemporaryDirectory();
        var content = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i}\n"));
        var pushed = await PushAsync(top, files, ("numbers", content));
        string[] nodes = ["/node/n1", "/peer/gw/node/n1", "/peer/gw/node/n2", "/peer/gw/peer/leaf/node/n1", "/peer/gw/peer/leaf/node/n2"];
        var places = await top.Files().SendAsync(pushed, nodes, Token);
        Assert.Equal(nodes.Order(), places.Keys.Order());
        foreach (var machine in (Machine[])[top, gateway, leaf])
        {
            Assert.Equal(content, await File.ReadAllTextAsync(machine.Seen(places["/node/n1"]) + "/numbers", Token));
        }

        Assert.Equal((content.Length, content.Length, 0), (await SentAsync(top), await SentAsync(gateway), await SentAsync(leaf)));
        await top.Files().SendAsync(pushed, nodes, Token);
        Assert.Equal(content.Length, await SentAsync(top));
    }

    [Fact]
    public async Task A_gateway_passes_on_what_has_arrived_before_the_rest_is_there()
    {
        await using var gateway = await StartAsync();
        await using var leaf = await StartAsync();
        await gateway.AddPeerAsync("leaf", leaf);
        var tree = gateway.As(Caller.System);
        var content = Encoding.UTF8.GetBytes(new string('x', 1 << 20) + new string('y', 1 << 20));
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        var id = (await tree.CommandAsync("/blob/ctl", ["add", digest, $"{content.Length}"], Token))[0].Text("id");
        await using var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token);
        await data.WriteAsync(content.AsMemory(0, 1 << 20), Token);
        var sending = tree.CommandAsync("/blob/ctl", ["send", digest, "/peer/leaf/node/n1"], Token).AsTask();
        await Until.TrueAsync(() =>
            leaf.BlobsAsync().Result.Any(blob => blob.GetProperty("have").GetInt64() == 1 << 20), "the first half is at the leaf");
        Assert.False(sending.IsCompleted);
        await data.WriteAsync(content.AsMemory(1 << 20), Token);
        Assert.Equal($"/run/files/{digest}", (await sending)[0].Text("path"));
    }

    [Fact]
    public async Task Two_that_send_the_same_at_once_send_it_once()
    {
        await using var top = await StartAsync();
        await using var leaf = await StartAsync();
        await top.AddPeerAsync("leaf", leaf);
        using var files = new TemporaryDirectory();
        var pushed = await PushAsync(top, files, ("big", new string('z', 5 << 20)));
        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => top.Files().SendAsync(pushed, ["/peer/leaf/node/n1", "/peer/leaf/node/n2"], Token).AsTask()));
        Assert.Equal(5 << 20, await SentAsync(top));
    }

    [Fact]
    public async Task A_push_takes_over_from_one_that_left()
    {
        await using var machine = await StartAsync();
        using var files = new TemporaryDirectory();
        var content = Encoding.UTF8.GetBytes(new string('w', 3 << 20));
        await File.WriteAllBytesAsync(files["big"], content, Token);
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        var tree = machine.As(Caller.System);
        var id = (await tree.CommandAsync("/blob/ctl", ["add", digest, $"{content.Length}"], Token))[0].Text("id");
        Task<PushedFiles> push;
        await using (var data = await tree.OpenAsync($"/blob/{id}/data", OpenFlags.WriteOnly, Token))
        {
            await data.WriteAsync(content.AsMemory(0, 1 << 20), Token);
            push = machine.Files().PushAsync([files["big"]], Token).AsTask();
            await Task.Delay(100, Token);
            Assert.False(push.IsCompleted);
        }

        await push;
        Assert.Equal(content, await tree.ReadBytesAsync($"/blob/{id}/data", Token));
    }

    [Fact]
    public async Task What_was_evicted_below_is_sent_again()
    {
        await using var top = await StartAsync();
        await using var leaf = await StartAsync();
        await top.AddPeerAsync("leaf", leaf);
        using var files = new TemporaryDirectory();
        var pushed = await PushAsync(top, files, ("tool", "#!/bin/sh\n"));
        await top.Files().SendAsync(pushed, ["/peer/leaf/node/n1"], Token);
        foreach (var blob in await leaf.BlobsAsync())
        {
            await leaf.As(Caller.System).CommandAsync(blob.GetProperty("path").GetString() + "/ctl", ["drop"], Token);
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(leaf.State, "blob/data")));
        var places = await top.Files().SendAsync(pushed, ["/peer/leaf/node/n1"], Token);
        Assert.True(File.Exists(leaf.Seen(places["/peer/leaf/node/n1"]) + "/tool"));
    }

    [Fact]
    public async Task A_node_that_does_not_see_the_machines_files_gets_a_copy_and_keeps_so_many()
    {
        await using var machine = await StartAsync();
        using var files = new TemporaryDirectory();
        using var root = new TemporaryDirectory();
        await machine.AddNodeWithoutFilesAsync("n9", root.Path);
        var pushed = await PushAsync(machine, files, ("tool", "#!/bin/sh\n"), ("input", "1 2 3\n"));
        var place = (await machine.Files().SendAsync(pushed, ["/node/n9"], Token))["/node/n9"];
        Assert.Equal($"/var/tmp/pewter-files/{pushed.Digest}", place);
        Assert.Equal("1 2 3\n", await File.ReadAllTextAsync(root.Path + place + "/input", Token));
        Assert.True(File.GetUnixFileMode(root.Path + place + "/tool").HasFlag(UnixFileMode.UserExecute));

        // There already: nothing is written again. Cut short by a crash: written anew.
        var written = File.GetLastWriteTimeUtc(root.Path + place + "/tool");
        await File.WriteAllTextAsync(root.Path + place + "/input", "1", Token);
        await machine.Files().SendAsync(pushed, ["/node/n9"], Token);
        Assert.Equal(written, File.GetLastWriteTimeUtc(root.Path + place + "/tool"));
        Assert.Equal("1 2 3\n", await File.ReadAllTextAsync(root.Path + place + "/input", Token));

        for (var i = 0; i < 70; i++)
        {
            await machine.Files().SendAsync(await PushAsync(machine, files, ("tool", $"{i}")), ["/node/n9"], Token);
        }

        Assert.Equal(64, Directory.GetDirectories(root.Path + "/var/tmp/pewter-files").Length);
        Assert.False(Directory.Exists(root.Path + place));
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_named()
    {
        await using var machine = await StartAsync();
        using var files = new TemporaryDirectory();
        var pushed = await PushAsync(machine, files, ("tool", "x"));
        var missing = await Assert.ThrowsAsync<FileException>(async () => await machine.Files().SendAsync(pushed, ["/node/n9"], Token));
        Assert.Contains("n9", missing.Message);
        Assert.Equal(Errno.EINVAL,
            (await Assert.ThrowsAsync<FileException>(async () => await machine.Files().SendAsync(pushed, ["n1"], Token))).Errno);
    }

    [Theory]
    [InlineData("/no/such/file", Errno.ENOENT)]
    [InlineData("/tmp", Errno.EINVAL)]
    public async Task What_cannot_be_pushed_says_why(string path, Errno errno)
    {
        await using var machine = await StartAsync();
        var refused = await Assert.ThrowsAsync<FileException>(async () => await machine.Files().PushAsync([path], Token));
        Assert.Equal(errno, refused.Errno);
        Assert.Contains(path, refused.Message);
    }

    private static async Task<PushedFiles> PushAsync(Machine machine, TemporaryDirectory files, params (string Name, string Content)[] contents)
    {
        foreach (var (name, content) in contents)
        {
            await File.WriteAllTextAsync(files[name], content, Token);
        }

        return await machine.Files().PushAsync(contents.Select(file => files[file.Name]), Token);
    }

    private static async Task<long> SentAsync(Machine machine) =>
        (await machine.BlobsAsync()).Where(blob => !blob.GetProperty("bundle").GetBoolean()).Sum(blob => blob.GetProperty("sent").GetInt64());
}
