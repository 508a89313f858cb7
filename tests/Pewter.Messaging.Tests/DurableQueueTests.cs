using System.Text;
using Pewter.Mail;
using Pewter.Messaging.Boxes;
using Pewter.Store;

namespace Pewter.Messaging.Tests;

/// <summary>
/// One kit for what keeps durable mail; each opens the same queue again, as a daemon that was killed does.
/// </summary>
public sealed class DurableQueueTests
{
    private delegate ValueTask<IDurableQueue> Opener();

    [Fact]
    public async Task The_daemons_own_store_keeps_what_it_has_taken()
    {
        var disk = new MemoryDisk();
        StateStore? before = null;
        await CheckAsync(async () =>
        {
            await (before?.DisposeAsync() ?? default);
            var store = before = StateStore.OpenMemory(disk, time: TimeProvider.System);
            await store.LeadAsync(default);
            var journal = new BoxJournal(store);
            return new DurableQueue(journal, 7, (await journal.LoadMessagesAsync(default))[7]);
        });
    }

    // One test, as a cluster takes half a minute to start.
    [Fact]
    public async Task A_cluster_of_RabbitMQ_keeps_what_it_has_taken_when_a_node_is_killed()
    {
        Assert.SkipUnless(RabbitCluster.IsInstalled, "rabbitmq-server is not installed (eng/packages.txt).");
        await using var cluster = await RabbitCluster.StartAsync(3);
        await CheckAsync(async () => await OpenAsync(cluster, "pewter.test.ledger", RabbitQueue.ConfirmMax));
        await KillUnderLoadAsync(cluster);
    }

    private static ValueTask<RabbitQueue> OpenAsync(RabbitCluster cluster, string name, TimeSpan confirmMax) =>
        RabbitQueue.OpenAsync(cluster.Addresses, name, TimeProvider.System, confirmMax, default);

    // The writer and the reader lose the node that they are connected to, each in the middle of its work.
    private static async Task KillUnderLoadAsync(RabbitCluster cluster)
    {
        const int Messages = 600;
        await using var queue = await OpenAsync(cluster, "pewter.test.load", TimeSpan.FromMinutes(2));
        var (half, seen) = (new TaskCompletionSource(), new List<string>());
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                Assert.True(await queue.TryKeepAsync(Encoding.UTF8.GetBytes($"{i}"), default));
                if (i == Messages / 3)
                    half.TrySetResult();
            }
        });
        var reading = Task.Run(async () =>
        {
            while (seen.Count < Messages)
            {
                seen.Add(Encoding.UTF8.GetString((await queue.TakeAsync(default))!));
                await queue.DoneAsync(default);
            }
        });
        await half.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await cluster.KillAsync(queue.Port);
        await writing.WaitAsync(TimeSpan.FromMinutes(3));
        await reading.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"{i}"), seen);

        // Without a majority nothing is said to be kept.
        await using var other = await OpenAsync(cluster, "pewter.test.load", TimeSpan.FromSeconds(3));
        await cluster.KillAsync(other.Port);
        await Assert.ThrowsAsync<MailException>(async () => await other.TryKeepAsync("alone"u8.ToArray(), default));
    }

    private static async Task CheckAsync(Opener open)
    {
        await using (var first = await open())
        {
            foreach (var word in new[] { "one", "two", "three" })
                Assert.True(await first.TryKeepAsync(Encoding.UTF8.GetBytes(word), default));
            Assert.Equal("one", await NextAsync(first));
            Assert.Equal("one", await NextAsync(first));
            await first.DoneAsync(default);
            Assert.Equal("two", await NextAsync(first));
        }

        // What was given and not done with is given again, and nothing is lost or out of order.
        await using (var second = await open())
        {
            Assert.Equal("two", await NextAsync(second));
            await second.DoneAsync(default);
            Assert.True(await second.TryKeepAsync("four"u8.ToArray(), default));
            Assert.Equal("three", await NextAsync(second));
            await second.DoneAsync(default);
            Assert.Equal("four", await NextAsync(second));
            await second.DoneAsync(default);
        }

        await using (var third = await open())
        {
            Assert.True(await third.TryKeepAsync("five"u8.ToArray(), default));
            Assert.Equal("five", await NextAsync(third));
            await third.DropAllAsync(default);
        }

        await using var last = await open();
        var waiting = last.TakeAsync(default);
        last.Close();
        Assert.Null(await waiting.AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private static async Task<string> NextAsync(IDurableQueue queue) =>
        Encoding.UTF8.GetString((await queue.TakeAsync(default).AsTask().WaitAsync(TimeSpan.FromSeconds(60)))!);
}
