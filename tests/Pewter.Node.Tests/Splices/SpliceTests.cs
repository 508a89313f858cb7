using Pewter.Linux;
using Pewter.Linux.Pipes;
using Pewter.Linux.Sockets;
using Pewter.Node.Tests.Agents;
using Pewter.Node.Tests.Sessions;
using static Pewter.Node.Tests.Sessions.NodeFixture;

namespace Pewter.Node.Tests.Splices;

public sealed class SpliceTests
{
    [Fact]
    public async Task What_was_printed_before_comes_first_and_every_byte_is_counted_at_both_ends()
    {
        await using var node = new NodeFixture();
        var gate = Path.Combine(node.Supervisor.Options.StateDirectory, "gate");
        var source = await node.RunAsync($"echo early; while [ ! -e {gate} ]; do sleep 0.02; done; echo late");
        await UntilAsync(async () => (await node.ReadAsync($"{source}/status")).Contains("output=6 "));
        var target = await node.RunAsync("cat", $"splice {source}");
        await UntilAsync(async () => (await node.ReadAsync($"{target}/status")).Contains("spliced_in=6"));
        File.WriteAllText(gate, "");
        Assert.Equal("early\nlate\n", await node.ReadAsync($"{target}/stdout"));
        await node.ReadAsync($"{source}/wait");
        await UntilAsync(async () => (await node.ReadAsync($"{source}/status")).Contains("spliced_out=11"));
        Assert.Contains("output=11 ", await node.ReadAsync($"{source}/status"));
        var edges = $"\"edges\":[{{\"direction\":\"in\",\"peer\":\"{source}\",\"way\":\"direct\",\"state\":\"done\",\"bytes\":11,\"error\":\"\"}}]";
        Assert.Contains(edges, await node.ReadAsync($"{target}/json"));
    }

    [Fact]
    public async Task A_splice_may_be_asked_for_before_either_program_runs()
    {
        await using var node = new NodeFixture();
        var source = await node.CloneAsync();
        var target = await node.CloneAsync();
        await node.CommandAsync(target, $"splice {source}");
        await node.CommandAsync(target, "exec wc -c");
        await node.CommandAsync(source, "exec head -c 3000000 /dev/zero");
        Assert.Equal("3000000\n", await node.ReadAsync($"{target}/stdout"));
    }

    [Fact]
    public async Task A_source_that_has_ended_gives_what_is_still_held()
    {
        await using var node = new NodeFixture();
        var source = await node.RunAsync("seq 1 1000");
        await node.ReadAsync($"{source}/wait");
        var target = await node.RunAsync("wc -l", $"splice {source}");
        Assert.Equal("1000\n", await node.ReadAsync($"{target}/stdout"));
    }

    [Fact]
    public async Task While_somebody_else_reads_both_get_all_of_it()
    {
        await using var node = new NodeFixture();
        var source = await node.CloneAsync();
        await using var reader = await node.Admin.OpenAsync($"{source}/stdout", NineP.Serving.OpenFlags.ReadOnly, Token);
        var target = await node.RunAsync("wc -c", $"splice {source}");
        await node.CommandAsync(source, "exec head -c 5000000 /dev/zero");
        Assert.Equal(5_000_000, (await reader.ReadToEndAsync(Token)).Length);
        Assert.Equal("5000000\n", await node.ReadAsync($"{target}/stdout"));
    }

    [Fact]
    public async Task A_target_that_does_not_read_holds_the_source_back_in_bounded_memory()
    {
        await using var node = new NodeFixture();
        var source = await node.RunAsync("exec yes");
        var target = await node.RunAsync("exec sleep 600", $"splice {source}");
        long before = -1, now = 0;
        while (now == 0 || now != before)
        {
            (before, now) = (now, node.Supervisor.Find(Number(target))!.Splices.Edges[0].Bytes);
            await Task.Delay(200, Token);
        }

        Assert.InRange(now, 1, 8 << 20);
        Assert.InRange(node.Supervisor.Find(Number(source))!.Stdout.End, 0, 2 << 20);
        await node.CommandAsync(target, "kill");
        await node.CommandAsync(source, "wipe");
    }

    [Fact]
    public async Task A_killed_target_ends_the_source_as_a_broken_pipe_does_and_both_say_so()
    {
        await using var node = new NodeFixture();
        var source = await node.RunAsync("exec yes");
        var target = await node.RunAsync("cat > /dev/null", $"splice {source}");
        await UntilAsync(async () => (await node.ReadAsync($"{target}/status")).Contains("spliced_in="));
        await node.CommandAsync(target, "kill");
        Assert.Contains("signal=PIPE", await node.ReadAsync($"{source}/wait"));
        foreach (var session in (string[])[source, target])
        {
            await UntilAsync(async () => (await node.ReadAsync($"{session}/json")).Contains("\"state\":\"broken\""));
            var json = await node.ReadAsync($"{session}/json");
            Assert.True(json.Contains("the program that was fed has ended"), json);
        }
    }

    [Fact]
    public async Task A_killed_source_is_an_error_at_the_target_though_its_input_just_ends()
    {
        await using var node = new NodeFixture();
        var source = await node.RunAsync("echo some; exec sleep 600");
        var target = await node.RunAsync("cat", $"splice {source}");
        await UntilAsync(async () => (await node.ReadAsync($"{target}/status")).Contains("spliced_in=5"));
        await node.CommandAsync(source, "kill");
        Assert.Equal("some\n", await node.ReadAsync($"{target}/stdout"));
        await UntilAsync(async () => (await node.ReadAsync($"{target}/json")).Contains("the source did not end by itself: signal"));
    }

    [Theory]
    [InlineData(false, "broken")]
    [InlineData(true, "done")]
    public async Task A_source_whose_output_ends_is_whole_only_if_its_node_says_so_before_it_closes(bool says, string state)
    {
        await using var node = new NodeFixture();
        var target = await node.RunAsync("cat > /dev/null; exec sleep 600");
        var session = node.Supervisor.Find(Number(target))!;
        var (mine, theirs) = SocketPair.CreateSequenced();
        var edge = session.Splices.Open("in", "n1:/proc/1");
        var taker = session.Take(mine, edge, _ => { });
        taker.Start();
        var (reader, writer) = AnonymousPipe.Create();
        Assert.Equal(4, Descriptors.Write(writer, "some"u8));
        Assert.True(DescriptorPassing.Send(theirs, "l"u8, [reader]) > 0);
        Assert.True(DescriptorPassing.Send(theirs, "e"u8, []) > 0);
        Descriptors.Close(reader);
        Descriptors.Close(writer);
        await taker.Over.WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.Equal(("done", 4), (edge.State, edge.Bytes));
        Assert.True(!says || DescriptorPassing.Send(theirs, "w"u8, []) > 0);
        Descriptors.Close(theirs);
        await UntilAsync(() => Task.FromResult(taker.IsClosed && edge.State == state));
        await node.CommandAsync(target, "wipe");
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_spliced_pipe_open_does_not_keep_the_target_waiting()
    {
        await using var node = new NodeFixture();
        var source = await node.RunAsync("echo mine; sleep 600 & exit 0");
        var target = await node.RunAsync("cat", $"splice {source}");
        Assert.Equal("mine\n", await node.ReadAsync($"{target}/stdout"));
        Assert.Contains("still hold its output open", await node.ReadAsync($"{source}/wait"));
        await node.CommandAsync(source, "wipe");
    }

    [Fact]
    public async Task Between_two_agents_the_pipe_itself_is_handed_over()
    {
        await using var one = new HostFixture();
        await using var two = new HostFixture();
        await using var from = await one.ConnectAsync();
        await using var to = await two.ConnectAsync();
        var source = await from.RunAsync("head -c 20000000 /dev/zero");
        var target = await to.RunAsync("wc -c", $"splice unix!{one.Socket}!{source}");
        Assert.Equal("20000000\n", await to.ReadAsync($"{target}/stdout"));
        Assert.Contains("output=20000000", await from.ReadAsync($"{source}/wait"));

        // The target's agent is killed: its programs' inputs end, and the source learns that nobody reads.
        source = await from.RunAsync("exec yes");
        target = await to.RunAsync("cat > /dev/null", $"splice unix!{one.Socket}!{source}");
        await UntilAsync(async () => (await to.ReadAsync($"{target}/status")).Contains("spliced_in="));
        two.KillWorker();
        Assert.Contains("signal=PIPE", await from.ReadAsync($"{source}/wait"));
    }

    [Theory]
    [InlineData("splice /proc/999", "No such file|does not exist|not exist|ENOENT|no ")]
    [InlineData("splice unix!/no/such/socket!/proc/1", "reach /no/such/socket")]
    [InlineData("splice tcp!nowhere!1!/proc/1", "is no address and port")]
    public async Task A_splice_from_nowhere_says_so(string line, string sentence)
    {
        await using var node = new NodeFixture();
        var target = await node.RunAsync("cat", line);
        await node.ReadAsync($"{target}/wait");
        Assert.Matches(sentence, await node.ReadAsync($"{target}/json"));
    }

    private static long Number(string session) => long.Parse(session["/proc/".Length..]);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            Assert.True(tries < 1000, "it did not come to that");
            await Task.Delay(20, Token);
        }
    }
}
