using System.Globalization;
using Pewter.Testing;
using Pewter.Testing.Serving;

namespace Pewter.Fuse.Tests;

/// <summary>Large directories, and what the kernel is told to remember of them.</summary>
public sealed class DirectoryTests
{
    private const int Many = 10_000;

    [Fact]
    public async Task Ten_thousand_entries_are_listed_whole_while_others_come_and_go()
    {
        await using var tree = await MountedTree.StartAsync();
        var directory = tree.Root.Add("many", new MemoryDirectory());
        for (var i = 0; i < Many; i++)
            directory.Add(string.Create(CultureInfo.InvariantCulture, $"stay{i:D5}"), new MemoryText(""));
        using var stop = new CancellationTokenSource();
        var churn = Task.Run(() => Churn(directory, stop.Token));
        for (var round = 0; round < 3; round++)
        {
            var result = await tree.RunAsync("ls -U many | grep stay | sort | uniq -c | awk '$1 == 1' | wc -l; find many -name 'stay*' | wc -l");
            Assert.Equal(("10000\n10000\n", ""), (result.Output, result.Errors));
        }

        await stop.CancelAsync();
        await churn;
    }

    [Fact]
    public async Task One_file_may_be_reached_by_many_paths_without_moving()
    {
        await using var tree = await MountedTree.StartAsync();
        var shared = (MemoryDirectory)(await tree.Root.WalkAsync("node", NineP.Serving.Caller.System, default))!;
        tree.Root.Add("query", shared);
        var result = await tree.RunAsync("cd node/n1; ls ../../query/n1 >/dev/null; pwd -P; cat status; stat -c %i . ../../query/n1 | uniq | wc -l");
        Assert.Equal(($"{tree.Path}/node/n1\n/node/n1 state=ready cores=8\n1\n", ""), (result.Output, result.Errors));
    }

    [Fact]
    public async Task What_the_kernel_forgets_is_forgotten()
    {
        await using var tree = await MountedTree.StartAsync();
        var directory = tree.Root.Add("many", new MemoryDirectory());
        for (var i = 0; i < 500; i++)
            directory.Add($"f{i}", new MemoryText(""));
        await tree.RunAsync("ls -l many >/dev/null");
        for (var i = 0; i < 500; i++)
            directory.Remove($"f{i}");
        await tree.RunAsync("for i in $(seq 0 499); do [ -e many/f$i ] && echo there; done; echo 2 > /proc/sys/vm/drop_caches");
        await Until.TrueAsync(() => tree.Mount.Dispatcher.Nodes.Count < 50, "the nodes are forgotten");
    }

    private static void Churn(MemoryDirectory directory, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            directory.Add($"come{i}", new MemoryText(""));
            directory.Remove($"come{i - 100}");
        }
    }
}
