using Pewter.Testing.Serving;

namespace Pewter.Fuse.Tests;

/// <summary>A uid reads and writes what its rights allow, whatever it says of itself.</summary>
public sealed class AccessTests
{
    private const uint Stranger = 65534;
    private const uint Owner = 4321;

    [Theory]
    [InlineData("cat secret")]
    [InlineData("head -c 1 < secret")]
    [InlineData("echo x > secret")]
    [InlineData("echo go > ctl")]
    [InlineData("cat ctl")]
    [InlineData("echo x > status")]
    [InlineData("mkdir d")]
    [InlineData("echo x > new")]
    [InlineData("rm status")]
    [InlineData("mv status status2")]
    [InlineData("ln -s status l")]
    [InlineData("chmod 777 secret")]
    [InlineData("truncate -s 0 secret")]
    [InlineData("ls private")]
    [InlineData("cat private/inside")]
    public async Task A_stranger_is_refused(string script)
    {
        await using var tree = await MountedTree.StartAsync();
        tree.Root.Add("private", new MemoryDirectory { Mode = 0x1C0 }).Add("inside", new MemoryText("hidden\n"));
        var result = await tree.RunAsync(script, Stranger);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Permission denied", result.Errors);
        Assert.DoesNotContain("hidden", result.Output);
        Assert.Empty(tree.Ctl.Commands);
    }

    [Fact]
    public async Task A_stranger_reads_what_is_open_to_all()
    {
        await using var tree = await MountedTree.StartAsync();
        var result = await tree.RunAsync("cat status; test -r status && ! test -w status && ! test -r secret && echo ok", Stranger);
        Assert.Equal(("/ state=ready\nok\n", ""), (result.Output, result.Errors));
    }

    [Fact]
    public async Task The_owner_of_a_file_may_use_it()
    {
        await using var tree = await MountedTree.StartAsync();
        tree.Ctl.Owner = $"u{Owner}";
        var result = await tree.RunAsync("test -w ctl && echo go > ctl", Owner);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(["go"], tree.Ctl.Commands);
    }
}
