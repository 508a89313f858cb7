using System.Text.Json;
using Pewter.Testing.Hosts;

namespace Pewter.System.Tests.Peers;

/// <summary>Programs over three machines on two segments: the gateway alone is on both, so all that reaches the leaf goes through it.</summary>
public sealed class DistributedRunTests
{
    [Fact]
    public async Task A_program_that_is_pushed_reaches_the_nodes_of_three_levels_once_for_each_machine()
    {
        Programs.RequireCells();
        await using var lab = await ThreeMachines.UpAsync(leaseSeconds: 30);
        await lab.AllocateAsync(2);
        using var files = new Pewter.Testing.TemporaryDirectory();
        var (program, data) = (files["tool"], files["numbers.txt"]);
        await File.WriteAllTextAsync(program,
            "#!/bin/sh\necho \"$(wc -c < numbers.txt) $(stat -c %i numbers.txt) $(basename $PEWTER_FILES | wc -c)\"\n");
        await File.WriteAllBytesAsync(data, Enumerable.Range(0, 3_000_000).Select(i => (byte)i).ToArray());

        string[] words = ["run", "-n", "6", "--on", "kind=cell", "--push", program, "--push", data, "--", "./tool"];
        var run = await lab.Top.RunAsync(words);
        Assert.True(run.ExitCode == 0, run.Error);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
            line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim().Split(' '));
        Assert.Equal(6, lines.Count);
        Assert.All(lines.Values, words => Assert.Equal(("3000000", "65"), (words[0], words[2])));

        // The cells of one machine see one and the same file; each machine has its own.
        Assert.Equal(3, lines.Values.Select(words => words[1]).Distinct().Count());

        var size = new FileInfo(program).Length + 3_000_000L;

        // Once for each machine, and the list of the two: four nodes are behind the top, two behind the gateway.
        var sent = await SentAsync(lab.Top);
        Assert.InRange(sent, size, size + 1024);
        Assert.Equal(sent, await SentAsync(lab.Gateway));
        Assert.Equal(0, await SentAsync(lab.Leaf));

        if (File.Exists("/dev/fuse"))
        {
            // The line of the seed: a process here takes its input from one two machines away.
            var spliced = await lab.Top.ShellAsync("""
                far=$(cat peer/gw/peer/leaf/proc/clone)
                echo 'exec seq 1 1000' > peer/gw/peer/leaf/proc/$far/ctl
                near=$(cat proc/clone)
                echo 'exec wc -l' > proc/$near/ctl
                echo "splice /peer/gw/peer/leaf/proc/$far 1 0" > proc/$near/ctl
                cat proc/$near/stdout
                """);
            Assert.Equal(("1000\n", ""), (spliced.Output, spliced.Error));
        }

        // It is there now: another run sends nothing.
        run = await lab.Top.RunAsync("run", "-n", "6", "--on", "kind=cell", "--push", program, "--push", data, "--fold", "--", "./tool");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(sent, await SentAsync(lab.Top));
    }

    [Fact]
    public async Task A_machine_that_is_cut_off_for_good_loses_its_processes_and_one_that_returns_in_time_keeps_them()
    {
        Programs.RequireCells();
        await using var lab = await ThreeMachines.UpAsync(leaseSeconds: 8);
        await lab.AllocateAsync(1);

        // Back within the lease: the process is found again, with what it wrote meanwhile.
        var id = (await lab.Top.RunAsync("spawn", "--on", "kind=cell/far", "--", "/bin/sh", "-c",
            "echo first; sleep 6; echo second; exit 5")).Output.Trim();
        await lab.Cable.CutAsync();
        await lab.Gateway.SeesAsync(lab.Leaf, "unreachable", 10);
        await lab.Cable.HealAsync();
        var waited = await lab.Top.RunAsync("wait", id);
        Assert.True(waited.ExitCode == 5, waited.Output + waited.Error + (await lab.Top.RunAsync("ps", "-a")).Output + lab.Top.Log);
        await lab.Gateway.SeesAsync(lab.Leaf, "up", 30);
        Assert.Equal("first\nsecond\n", (await lab.Top.RunAsync("logs", id)).Output);

        // Away for longer: lost, while those on other machines go on; what still runs there is ended when it is back.
        id = (await lab.Top.RunAsync("spawn", "-n", "3", "--on", "kind=cell", "--", "sleep", "300")).Output.Trim();
        await lab.Cable.CutAsync();
        var lost = await lab.Top.RunAsync("wait", $"{id}/{await lab.IndexOnLeafAsync(id)}");
        Assert.Contains("node", lost.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(255, lost.ExitCode);
        var json = JsonDocument.Parse(await lab.Top.ReadAsync($"proc/{id}/json")).RootElement;
        Assert.Equal(2, json.GetProperty("leaves").EnumerateArray().Count(leaf => leaf.GetProperty("state").GetString() == "running"));
        Assert.Equal("node-lost", json.GetProperty("leaves").EnumerateArray().Single(
            leaf => leaf.GetProperty("state").GetString() == "ended").GetProperty("exit").GetProperty("cause").GetString());
        await lab.Cable.HealAsync();
        await PeerHost.UntilAsync(
            async () => !(await lab.Leaf.ReadAsync("node/n2/proc/status")).Contains("running", StringComparison.Ordinal), TimeSpan.FromSeconds(40),
            () => $"the lost process is ended: {lab.Top.Log}");
    }

    private static async Task<long> SentAsync(PeerHost host) => JsonDocument.Parse(await host.ReadAsync("blob/json")).RootElement
        .EnumerateArray().Sum(blob => blob.GetProperty("sent").GetInt64());

    private sealed class ThreeMachines(TestNetwork network, PeerHost top, PeerHost gateway, PeerHost leaf, TestLink cable) : IAsyncDisposable
    {
        public PeerHost Top => top;

        public PeerHost Gateway => gateway;

        public PeerHost Leaf => leaf;

        public TestLink Cable => cable;

        public static async Task<ThreeMachines> UpAsync(int leaseSeconds)
        {
            var network = await TestNetwork.CreateAsync();
            var (upper, lower) = (await network.AddSegmentAsync(), await network.AddSegmentAsync());
            var (topHost, gatewayHost, leafHost) = (
                await network.AddHostAsync("top"), await network.AddHostAsync("gw"), await network.AddHostAsync("leaf"));
            await network.PlugAsync(topHost, upper, "10.78.1.1/24");
            await network.PlugAsync(gatewayHost, upper, "10.78.1.2/24");
            await network.PlugAsync(gatewayHost, lower, "10.78.2.1/24");
            var cable = await network.PlugAsync(leafHost, lower, "10.78.2.2/24");
            var (top, gateway, leaf) = (new PeerHost(topHost, "10.78.1.1"), new PeerHost(gatewayHost, "10.78.2.1"),
                new PeerHost(leafHost, "10.78.2.2"));
            var lab = new ThreeMachines(network, top, gateway, leaf, cable);
            await top.UpAsync(leaseSeconds: leaseSeconds);
            await gateway.UpAsync(top);
            await leaf.UpAsync(gateway);
            await top.SeesAsync(gateway, "up");
            await top.SeesAsync(leaf, "up", at: "peer/gw/peer/status");
            return lab;
        }

        /// <summary>
        /// Allocates cells on each machine: a command to the union of all nodes is one to every machine. Those of the leaf are labelled.
        /// </summary>
        public async Task AllocateAsync(int each)
        {
            var made = await top.RunAsync("node", "alloc", "-n", $"{each}", "-o", "name");
            Assert.True(made.ExitCode == 0, made.Error);
            Assert.Equal(3 * each, made.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            for (var i = 0; i < each; i++)
            {
                var labelled = await leaf.RunAsync("write", $"/node/n{i + 2}/ctl", "label", "far");
                Assert.True(labelled.ExitCode == 0, labelled.Error);
            }
        }

        public async Task<int> IndexOnLeafAsync(string id)
        {
            var topology = await top.ReadAsync($"proc/{id}/topology");
            return int.Parse(topology.Split('\n').Single(line => line.Contains("/peer/leaf/", StringComparison.Ordinal)).Split(' ')[0]);
        }

        public async ValueTask DisposeAsync()
        {
            await leaf.DisposeAsync();
            await gateway.DisposeAsync();
            await top.DisposeAsync();
            await network.DisposeAsync();
        }
    }
}
