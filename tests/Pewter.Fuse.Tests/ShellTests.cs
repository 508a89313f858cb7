using Pewter.Testing.Serving;

namespace Pewter.Fuse.Tests;

/// <summary>What a person does in a shell on a mounted tree.</summary>
public sealed class ShellTests
{
    [Fact]
    public async Task Ls_lists_every_file_recursively()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync("ls -lR");
        Assert.Equal("", result.Errors);
        Assert.Contains("web -> n1", result.Output);
        Assert.Matches(@"-rw-r--r-- 1 root root +11 .* plain", result.Output);
        Assert.Matches(@"-rw-r--r-- 1 root root +0 .* status", result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("cat status", "/ state=ready\n")]
    [InlineData("cat node/web/status", "/node/n1 state=ready cores=8\n")]
    [InlineData("find . -name 'n*' | sort", "./node\n./node/n1\n")]
    [InlineData("grep -r cores=8 node", "node/n1/status:/node/n1 state=ready cores=8\n")]
    [InlineData("dd if=node/n1/plain bs=3 skip=1 count=2 2>/dev/null", "in fil")]
    [InlineData("head -n 1 status; tail -n 1 status; wc -c < status", "/ state=ready\n/ state=ready\n14\n")]
    [InlineData("readlink node/web; test -d node && test ! -e nothing && echo ok", "n1\nok\n")]
    [InlineData("stat -f -c %l .", "255\n")]
    [InlineData("ls -a node", ".\n..\nn1\nweb\n")]
    public async Task Reading_gives_what_the_tree_holds(string script, string expected)
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync(script);
        Assert.Equal((expected, ""), (result.Output, result.Errors));
    }

    [Fact]
    public async Task Echo_to_ctl_runs_the_command()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync("echo one > ctl; echo two >> ctl; printf 'three\\nfour\\n' | tee ctl >/dev/null");
        Assert.Equal("", result.Errors);
        Assert.Equal(["one", "two", "three", "four"], tree.Ctl.Commands);
    }

    [Theory]
    [InlineData("fail", "Invalid argument")]
    [InlineData("busy", "Device or resource busy")]
    public async Task A_refused_command_fails_the_write_itself(string command, string message)
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync($"echo {command} > ctl");
        Assert.Contains(message, result.Errors);
        Assert.NotEqual(0, result.ExitCode);
    }

    [Fact]
    public async Task Results_can_be_read_back_from_the_same_open()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync("exec 3<>ctl; echo go >&3; cat <&3; echo fail >&3; cat <&3");
        Assert.Equal("{\"ok\":true,\"command\":\"go\"}\n{\"ok\":false,\"errno\":22,\"error\":\"No such command.\"}\n", result.Output);
    }

    [Fact]
    public async Task Opening_clone_makes_an_object_and_the_open_is_its_ctl()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync("exec 3<>clone; read id <&3; echo \"$id\"; echo start >&3; cat $id/status");
        Assert.Equal(("1\n/1 state=new\n", ""), (result.Output, result.Errors));
    }

    [Fact]
    public async Task Files_can_be_made_written_renamed_and_removed()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync("""
            set -e
            mkdir d; echo hello > d/f; cp d/f d/g; mv d/g d/h; ln -s f d/l; cat d/l d/h; truncate -s 2 d/h; cat d/h; echo
            chmod 600 d/h; stat -c '%a %s' d/h; touch d/h; head -c 300000 /dev/zero | tr '\0' x > d/big; wc -c < d/big
            dd if=d/big bs=1M 2>/dev/null | tr -d x | wc -c; rm d/f d/h d/l d/big; rmdir d; ls
            """);
        Assert.Equal("", result.Errors);
        Assert.Equal(
            "hello\nhello\nhe\n600 2\n300000\n0\nclone\nctl\nevents\nnode\nsecret\nstatus\n", result.Output);
    }

    [Fact]
    public async Task A_mistake_in_the_tree_is_an_error_of_one_request()
    {
        await using var tree = await MountedTree.StartAsync();
        tree.Root.Broken = "bad";
        var result = await tree.RunAsync("cat bad; cat status");
        Assert.Contains("Input/output error", result.Errors);
        Assert.Equal("/ state=ready\n", result.Output);
        Assert.IsType<InvalidOperationException>(Assert.Single(tree.Faults));
    }

    [Fact]
    public async Task A_listing_with_attributes_works_when_caching_is_allowed()
    {
        await using var tree = await MountedTree.StartAsync(cacheFor: TimeSpan.FromMinutes(1));
        for (var i = 0; i < 300; i++)
            tree.Root.Add($"f{i}", new MemoryText("x", version: 1));
        var result = await tree.RunAsync("ls -l | wc -l; ls -l | wc -l");
        Assert.Equal("307\n307\n", result.Output);
    }
}
