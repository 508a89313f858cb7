using System.Diagnostics;
using System.Text;
using Pewter.NineP.Tests.Sample;

namespace Pewter.NineP.Tests.RealClients;

/// <summary>The client tools of Debian's package diod, which share no code with ours.</summary>
public sealed class DiodToolsTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Diodls_lists_the_tree(bool tcp)
    {
        var tree = new SampleTree();
        await using var server = tcp ? SocketServer.OnTcp(tree) : SocketServer.OnUnix(tree);

        var (code, output) = await RunAsync("diodls", server, "-l", "/");

        Assert.True(code == 0, output);
        Assert.Contains("hello", output);
        Assert.Contains("drwxr-xr-x", output);
        Assert.Contains("13", output.Split('\n').Single(line => line.EndsWith("hello", StringComparison.Ordinal)).Split(' '));
    }

    [Fact]
    public async Task Diodls_lists_ten_thousand_entries()
    {
        var tree = new SampleTree();
        for (var i = 0; i < 10_000; i++)
            tree.Deep.Add($"entry-{i}", new SampleText(""));
        await using var server = SocketServer.OnUnix(tree);

        var (code, output) = await RunAsync("diodls", server, "folder/deep");

        Assert.True(code == 0, output);
        Assert.Equal(10_000, output.Split('\n').Count(line => line.StartsWith("entry-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Diodcat_reads_a_file_and_tells_of_a_missing_one()
    {
        var tree = new SampleTree();
        tree.Root.Add("big", new SampleText(Encoding.ASCII.GetBytes(new string('x', 1_000_000))));
        await using var server = SocketServer.OnTcp(tree);

        Assert.Equal((0, "hello, world\ninner\n"), await RunAsync("diodcat", server, "hello", "folder/inner"));
        Assert.Equal(1_000_000, (await RunAsync("diodcat", server, "big")).Output.Length);
        var (code, output) = await RunAsync("diodcat", server, "missing");
        Assert.NotEqual(0, code);
        Assert.Contains("No such file", output);
    }

    [Fact]
    public async Task Diodcat_shows_each_line_of_a_live_stream_as_it_comes()
    {
        var tree = new SampleTree();
        await using var server = SocketServer.OnUnix(tree);
        using var cat = Start("diodcat", server, "stream");
        for (var i = 0; i < 3; i++)
        {
            await Eventually.Async(() => tree.Stream.Readers == 1);
            tree.Stream.Push(Encoding.ASCII.GetBytes($"line {i}\n"));
            Assert.Equal($"line {i}", await cat.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        }

        tree.Stream.End();
        await cat.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, cat.ExitCode);
        await Eventually.Async(() => tree.Stream.Disposed == 1);
    }

    [Fact]
    public async Task A_killed_diodcat_leaves_nothing_open()
    {
        var tree = new SampleTree();
        await using var server = SocketServer.OnUnix(tree);
        using var cat = Start("diodcat", server, "stream");
        await Eventually.Async(() => tree.Stream.Readers == 1);

        cat.Kill();

        await Eventually.Async(() => (tree.Stream.Readers, tree.Stream.Disposed) == (0, 1));
    }

    [Theory, InlineData("-g"), InlineData("-m65536")]
    public async Task Diodload_runs_from_many_threads(string option)
    {
        await using var server = SocketServer.OnUnix(new SampleTree());

        using var process = Start("diodload", ["-s", server.EndPoint.ToString()!, "-n16", "-r1", option]);
        var (code, output) = await EndAsync(process);

        Assert.True(code == 0, output);
    }

    private static async Task<(int Code, string Output)> RunAsync(string tool, SocketServer server, params string[] arguments)
    {
        using var process = Start(tool, server, arguments);
        return await EndAsync(process);
    }

    private static async Task<(int Code, string Output)> EndAsync(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    private static Process Start(string tool, SocketServer server, params string[] arguments) =>
        Start(tool, ["-s", server.EndPoint.ToString()!, "-a", "root", .. arguments]);

    private static Process Start(string tool, IEnumerable<string> arguments)
    {
        var path = $"/usr/sbin/{tool}";
        if (!File.Exists(path))
            Assert.Skip($"skipped, because {tool} (package diod) is not installed");
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
