using System.Globalization;
using Pewter.NineP;

namespace Pewter.Machines.Tests.Vms;

/// <summary>A fork is the machine that it was taken from in everything but who it is.</summary>
public sealed class VmForkTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 60 : 3;

    [Fact]
    public async Task A_fork_goes_on_from_its_parent_as_somebody_else()
    {
        await using var house = await VmHouse.StartAsync();
        var parent = (await house.AllocAsync())[0];
        await house.RunAsync(parent, "echo inherited > /tmp/mark; (sleep 5000 >/dev/null 2>&1 &)");
        var before = await house.RunAsync(parent, Who);

        var replies = await house.Admin.CommandAsync($"/node/{parent}/ctl", ["fork", "n=3", "name=copy", "blue"]);
        var copies = replies.Select(reply => reply.Text("id")).ToList();
        Assert.Equal(["ready", "ready", "ready"], replies.Select(reply => reply.Text("state")));
        Assert.Equal("copy-2", replies[1].Text("name"));

        // All that was there is there: files, and programs that go on.
        foreach (var copy in copies)
            Assert.Equal("inherited 1", await house.RunAsync(copy, "echo $(cat /tmp/mark) $(ps | grep -c '[s]leep 5000')"));

        // What one writes is its own.
        await house.RunAsync(copies[0], "echo mine > /tmp/mark");
        Assert.Equal("inherited", await house.RunAsync(copies[1], "cat /tmp/mark"));
        Assert.Equal("inherited", await house.RunAsync(parent, "cat /tmp/mark"));

        // Name, machine id, boot id, hardware address and random numbers are different of each, and the parent's are as
        // they were.
        var all = new List<string[]> { before.Split('\n') };
        foreach (var copy in copies)
            all.Add((await house.RunAsync(copy, Who)).Split('\n'));
        for (var line = 0; line < all[0].Length; line++)
            Assert.Equal(all.Count, all.Select(who => who[line]).Distinct().Count());
        Assert.Equal(before.Split('\n')[..^1], (await house.RunAsync(parent, Who)).Split('\n')[..^1]);

        // Its clock is right, however long the parent had stood still.
        var seconds = double.Parse(await house.RunAsync(copies[2], "date +%s"), CultureInfo.InvariantCulture);
        Assert.InRange(seconds - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), -5, 5);

        await ForksOfForksAsync(house, copies[0]);
        await ForksAfterARestartAsync(house, parent);
    }

    /// <summary>
    /// Strategy: the parent is spoken to without a pause, so that it is copied, suspended and left by its daemon in the middle of messages.
    /// Invariants: each copy answers, the first request after a suspension is answered, and so is the first one of the next daemon.
    /// </summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task A_machine_and_its_copies_answer_whatever_was_being_said_when_it_was_copied()
    {
        await using var house = await VmHouse.StartAsync();
        var id = (await house.AllocAsync())[0];
        for (var round = 0; round < Rounds; round++)
        {
            using var quiet = new CancellationTokenSource();
            var talk = TalkAsync(house, id, quiet.Token);
            foreach (var copy in await house.Admin.CommandAsync($"/node/{id}/ctl", ["fork", "n=3", "copy"]))
                Assert.Equal(copy.Text("id"), await house.RunAsync(copy.Text("id"), "uname -n"));
            await quiet.CancelAsync();
            Assert.True(await talk > 0, "nobody spoke to the parent");

            await house.Admin.CommandAsync($"/node/{id}/ctl", ["suspend"]);
            await house.Admin.CommandAsync($"/node/{id}/ctl", ["resume"]);
            Assert.Equal(id, await house.RunAsync(id, "uname -n"));
            await house.Admin.CommandAsync("/node/query/copy/ctl", ["release"]);
        }

        using var end = new CancellationTokenSource();
        var last = TalkAsync(house, id, end.Token);
        await house.KillAsync();
        await end.CancelAsync();
        await last;
        await house.RestartAsync();
        Assert.Equal(id, await house.RunAsync(id, "uname -n"));
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["release"]);
    }

    [Fact]
    public async Task A_machine_goes_on_from_a_checkpoint_after_its_end_and_after_that_of_the_daemon()
    {
        await using var house = await VmHouse.StartAsync();
        var id = (await house.AllocAsync())[0];
        await house.RunAsync(id, "echo then > /tmp/mark");
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["checkpoint", "noon"]);
        await house.RunAsync(id, "echo later > /tmp/mark");
        Assert.Equal(
            Errno.EEXIST,
            (await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync($"/node/{id}/ctl", ["checkpoint", "noon"]))).Errno);
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["release"]);
        await house.KillAsync();
        await house.RestartAsync();

        Assert.StartsWith($"noon node={id} ", await house.Admin.ReadTextAsync("/node/checkpoints"));
        Assert.Equal("", await house.Daemon.As(Nodes.NodeHouse.Ann).ReadTextAsync("/node/checkpoints"));
        var again = (await house.Admin.CommandAsync("/node/ctl", ["restore", "noon", "n=2"]))[0].Text("id");
        Assert.Equal($"then {again}", await house.RunAsync(again, "echo $(cat /tmp/mark) $(uname -n)"));
        await house.Admin.CommandAsync("/node/ctl", ["forget", "noon"]);
        var missing = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync("/node/ctl", ["restore", "noon"]));
        Assert.Equal(Errno.ENOENT, missing.Errno);

        // Built anew it is the same node with nothing of what it was.
        await house.Admin.CommandAsync($"/node/{again}/ctl", ["rebuild"]);
        Assert.Equal($"gone {again}", await house.RunAsync(again, "echo $(cat /tmp/mark 2>/dev/null || echo gone) $(uname -n)"));
        await house.Admin.CommandAsync("/node/query/kind=vm/ctl", ["release"]);
    }

    [Fact]
    public async Task Only_what_runs_and_can_be_copied_is_forked_and_more_than_allowed_is_refused_whole()
    {
        await using var house = await VmHouse.StartAsync();
        var cell = (await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=cell"]))[0].Text("id");
        var refused = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync($"/node/{cell}/ctl", ["fork"]));
        Assert.Equal(Errno.EOPNOTSUPP, refused.Errno);

        var id = (await house.AllocAsync())[0];
        refused = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync($"/node/{id}/ctl", ["fork", "n=4096"]));
        Assert.Equal(Errno.EDQUOT, refused.Errno);
        await house.Admin.CommandAsync($"/node/{id}/ctl", ["suspend"]);
        refused = await Assert.ThrowsAsync<FileException>(async () => await house.Admin.CommandAsync($"/node/{id}/ctl", ["fork"]));
        Assert.Contains("suspended; it must be ready", refused.Message);
        Assert.Equal([cell, id], await house.Daemon.NodesAsync());
        await house.Admin.CommandAsync("/node/query/kind=vm/ctl", ["release"]);
        await house.Admin.CommandAsync($"/node/{cell}/ctl", ["release"]);
    }

    private const string Who = "uname -n; cat /etc/machine-id /proc/sys/kernel/random/boot_id /sys/class/net/eth0/address; "
        + "head -c 16 /dev/urandom | od -An -tx8";

    private static async Task<int> TalkAsync(VmHouse house, string node, CancellationToken quiet)
    {
        var said = 0;
        try
        {
            for (; !quiet.IsCancellationRequested; said++)
                await house.Admin.ReadBytesAsync($"/node/{node}/fs/bin/busybox", quiet);
        }
        catch (Exception cut) when (cut is FileException or OperationCanceledException)
        {
            // The daemon ended, or has been told to be quiet.
        }

        return said;
    }

    private static async Task ForksOfForksAsync(VmHouse house, string copy)
    {
        var grandchild = (await house.Admin.CommandAsync($"/node/{copy}/ctl", ["fork"]))[0].Text("id");
        Assert.Equal($"mine {grandchild}", await house.RunAsync(grandchild, "echo $(cat /tmp/mark) $(uname -n)"));
    }

    private static async Task ForksAfterARestartAsync(VmHouse house, string parent)
    {
        await house.KillAsync();
        await house.RestartAsync();
        var late = (await house.Admin.CommandAsync($"/node/{parent}/ctl", ["fork"]))[0].Text("id");
        Assert.Equal("inherited", await house.RunAsync(late, "cat /tmp/mark"));
        await house.Admin.CommandAsync("/node/query/kind=vm/ctl", ["release"]);
        Assert.Empty(await house.Daemon.NodesAsync());
    }
}
