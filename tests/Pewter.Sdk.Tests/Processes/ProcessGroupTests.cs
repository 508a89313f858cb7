using Pewter.Execution;
using Pewter.NineP;
using static Pewter.Sdk.Tests.SdkHouse;

namespace Pewter.Sdk.Tests.Processes;

public sealed class ProcessGroupTests
{
    [Fact]
    public async Task Many_are_spread_over_the_nodes_and_each_knows_its_place()
    {
        await using var house = await StartAsync(3);
        await using var group = await house.Client.SpawnManyAsync(6, Shell("echo $PEWTER_INDEX of $PEWTER_COUNT; exit $PEWTER_INDEX"), cancellation: Token);
        var exits = await group.WaitAllAsync(Token);

        Assert.Equal([0, 1, 2, 3, 4, 5], exits.Select(exit => exit.Code!.Value));
        Assert.Equal([2, 2, 2], group.Members.GroupBy(member => member.Node).Select(node => node.Count()));
        var lines = new List<string>();
        await foreach (var (process, line) in group.ReadLinesAsync(Token))
        {
            Assert.Equal($"{process.Index} of 6", line);
            lines.Add(line);
        }

        Assert.Equal(6, lines.Count);
    }

    [Fact]
    public async Task Each_is_told_of_as_it_ends()
    {
        await using var house = await StartAsync(2);
        await using var group = await house.Client.SpawnManyAsync(4, Shell("read line; exit 1"), cancellation: Token);
        var order = new List<int>();
        await (await group.Members[2].OpenInputAsync(Token)).DisposeAsync();
        await foreach (var ended in group.WhenEachAsync(Token))
        {
            order.Add(ended.Index);
            if (group.Members.FirstOrDefault(member => member.Exit is null) is { } next)
            {
                await next.EndInputAsync(Token);
            }
        }

        Assert.Equal([2, 0, 1, 3], order);
        Assert.Null(await group.WaitAnyAsync(Token));
    }

    [Fact]
    public async Task A_kill_reaches_all_and_a_wait_with_timeout_tells_that_some_run()
    {
        await using var house = await StartAsync(2);
        await using var group = await house.Client.SpawnManyAsync(8, new SpawnSpec("sleep", "60"), cancellation: Token);
        Assert.Null(await group.WaitAllAsync(TimeSpan.FromMilliseconds(50), Token));
        await group.KillAsync(cancellation: Token);
        Assert.All(await group.WaitAllAsync(Token), exit => Assert.Equal("KILL", exit.Signal));
    }

    [Fact]
    public async Task Input_is_given_to_all_or_dealt_out()
    {
        await using var house = await StartAsync(2);
        foreach (var (mode, expected) in new[] { (GroupInput.All, 3), (GroupInput.Deal, 1) })
        {
            await using var group = await house.Client.SpawnManyAsync(3, new SpawnSpec("wc", "-l") { Input = mode }, cancellation: Token);
            await using (var input = await group.OpenInputAsync(Token))
            {
                await input.WriteAsync("a\nb\nc\n"u8.ToArray(), Token);
            }

            await foreach (var (_, line) in group.ReadLinesAsync(Token))
            {
                Assert.Equal(expected, int.Parse(line));
            }
        }
    }

    [Fact]
    public async Task All_or_nothing_fails_where_best_effort_takes_what_there_is()
    {
        await using var house = await StartAsync(2, new ExecutionLimits { ProcessesPerUser = 5 });
        var spec = new SpawnSpec("true");
        var refused = await Assert.ThrowsAsync<FileException>(async () => await house.Client.SpawnManyAsync(8, spec, cancellation: Token));
        Assert.Equal(Errno.EDQUOT, refused.Errno);
        Assert.Contains("ProcessesPerUser", refused.Message);
        await using var group = await house.Client.SpawnManyAsync(8, spec, SpawnGuarantee.BestEffort, Token);
        Assert.Equal(5, group.Members.Count);
        Assert.All(await group.WaitAllAsync(Token), exit => Assert.True(exit.IsSuccess));
    }

    [Fact]
    public async Task A_program_that_no_node_has_fails_all_or_nothing_and_ends_each_at_best_effort()
    {
        await using var house = await StartAsync(2);
        var spec = new SpawnSpec("/no/such/program");
        await Assert.ThrowsAsync<FileException>(async () => await house.Client.SpawnManyAsync(2, spec, cancellation: Token));
        await using var group = await house.Client.SpawnManyAsync(2, spec, SpawnGuarantee.BestEffort, Token);
        Assert.All(await group.WaitAllAsync(Token), exit => Assert.Equal((ExitCause.NotStarted, 127), (exit.Cause, exit.ShellCode)));
    }

    [Fact]
    public async Task A_node_that_is_cut_off_loses_its_processes_and_says_so()
    {
        await using var house = await StartAsync(2, new ExecutionLimits { NodeLease = TimeSpan.FromMilliseconds(200) });
        await using var group = await house.Client.SpawnManyAsync(2, new SpawnSpec("sleep", "60"), cancellation: Token);
        house.Nodes[1].IsCut = true;
        await house.Nodes[1].StopServingAsync();
        var lost = await group.WaitAnyAsync(Token);
        Assert.Equal((1, ExitCause.NodeLost), (lost!.Index, lost.Exit!.Cause));
        await group.Members[0].KillAsync(cancellation: Token);
        Assert.Equal([ExitCause.Signal, ExitCause.NodeLost], (await group.WaitAllAsync(Token)).Select(exit => exit.Cause));
    }

    [Fact]
    public async Task A_group_is_found_again_by_its_id()
    {
        await using var house = await StartAsync(2);
        var made = await house.Client.SpawnManyAsync(3, Shell("exit 2") with { IsPersistent = true }, cancellation: Token);
        await made.DisposeAsync();
        var found = await house.Client.FindGroupAsync(made.Id, Token);
        Assert.Equal([2, 2, 2], (await found.WaitAllAsync(Token)).Select(exit => exit.ShellCode));
        await found.WipeAsync(Token);
    }
}
