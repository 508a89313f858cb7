using System.Text;
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

    [Fact]
    public async Task RabbitMQ_keeps_what_it_has_taken()
    {
        Assert.SkipUnless(RabbitServer.IsInstalled, "rabbitmq-server is not installed (eng/packages.txt).");
        await using var server = await RabbitServer.StartAsync();
        await CheckAsync(async () => await RabbitQueue.OpenAsync(server.Address, "pewter.test.ledger", default));
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
