using System.Text;

namespace Pewter.Mail.Tests.Core;

public sealed class MailboxTests : IAsyncDisposable
{
    private readonly PostOffice _office = new();

    [Fact]
    public async Task Mailboxes_may_be_bound_to_overlapping_numbers_and_each_gets_its_turn()
    {
        var (sender, boxes) = (_office.Open(), new[] { "{8080,1}", "{8080,1}", "{8080,0,3}" }.Select(Bound).ToList());
        for (var i = 0; i < 9; i++)
            await sender.SendAsync(MailTarget.Parse("{8080,1}"), Bytes("x"));
        Assert.All(boxes, box => Assert.Equal(3, box.Counters.Received));
    }

    [Fact]
    public async Task A_multicast_reaches_each_mailbox_whose_range_intersects_once()
    {
        var (sender, boxes) = (_office.Open(), new[] { "{8080,1}", "{8080,5,9}", "{8080,20}" }.Select(Bound).ToList());
        boxes[0].Bind(MailTarget.Parse("{8080,2}"));
        Assert.Equal(2, await sender.MulticastAsync(MailTarget.Parse("{8080,0,7}"), Bytes("x")));
        Assert.Equal([1, 1, 0], boxes.Select(box => box.Counters.Received));
    }

    [Fact]
    public void A_message_to_nobody_says_so_at_once()
    {
        var sender = _office.Open();
        Assert.Equal(RejectReason.NoName, sender.TrySend(MailTarget.Parse("{1,1}"), [1]));
        Assert.Equal(RejectReason.NoPort, sender.TrySend(new PortAddress(_office.Address.Node, _office.Address.Office, 77), [1]));
        Assert.Equal(113, Assert.Throws<MailException>(() => sender.Send(MailTarget.Parse("nobody"), [1])).Errno);
    }

    [Fact]
    public void The_receiver_sees_which_service_was_addressed_and_by_whom()
    {
        var (sender, box) = (_office.Open(), Bound("{8080,5,9}"));
        sender.Send(MailTarget.Parse("{8080,7}"), Bytes("hello").Span);
        Assert.True(box.TryReceive(out var message));
        Assert.Equal((new ServiceRange(8080, 7), sender.Address, "hello"), (message.Service!.Value, message.From, Text(message)));
    }

    [Fact]
    public void What_waits_in_a_closed_mailbox_comes_back_in_order()
    {
        var (sender, box) = (_office.Open(), _office.Open());
        foreach (var word in new[] { "one", "two" })
            sender.Send(box.Address, Bytes(word).Span);
        box.Dispose();
        Assert.True(sender.TryReceive(out var first));
        Assert.Equal((MessageKind.Rejected, RejectReason.NoPort, "one", box.Address), (first.Kind, first.Reason, Text(first), first.From));
        Assert.True(sender.TryReceive(out var second));
        Assert.Equal("two", Text(second));
        Assert.Equal(RejectReason.NoPort, sender.TrySend(box.Address, [1]));
        Assert.Equal(9, Assert.Throws<MailException>(() => box.Send(sender.Address, [1])).Errno);
    }

    [Fact]
    public void A_full_mailbox_refuses_and_a_more_important_message_still_fits()
    {
        var (sender, box) = (_office.Open(), _office.Open(new MailboxOptions { CapacityBytes = 1000 }));
        var sent = 0;
        while (sender.TrySend(box.Address, new byte[20]) == RejectReason.None)
            sent++;
        Assert.Equal(9, sent);
        Assert.Equal(RejectReason.None, sender.TrySend(box.Address, new byte[20], new SendOptions { Importance = Importance.Medium }));
        Assert.Equal(105, Assert.Throws<MailException>(() => sender.Send(box.Address, new byte[20])).Errno);
        Assert.Equal(RejectReason.None, sender.TrySend(box.Address, new byte[20], new SendOptions { IsUnreliable = true }));
        Assert.Equal((1, 10), (box.Counters.Dropped, box.Counters.Received));
    }

    [Fact]
    public void The_oldest_go_back_when_that_is_the_policy()
    {
        var (sender, box) = (_office.Open(), _office.Open(new MailboxOptions { CapacityBytes = 1000, Overflow = OverflowPolicy.DropOldest }));
        for (byte i = 0; i < 30; i++)
            Assert.Equal(RejectReason.None, sender.TrySend(box.Address, [i]));
        var (kept, back) = (Drain(box).Select(m => m.Body.Span[0]).ToList(), Drain(sender));
        Assert.Equal(Enumerable.Range(0, 30), back.Select(m => (int)m.Body.Span[0]).Concat(kept.Select(b => (int)b)));
        Assert.All(back, message => Assert.Equal(RejectReason.Overload, message.Reason));
    }

    [Fact]
    public async Task A_sender_waits_where_the_policy_is_to_block()
    {
        var (sender, box) = (_office.Open(), _office.Open(new MailboxOptions { CapacityBytes = 4000, Overflow = OverflowPolicy.Block }));
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 5000; i++)
            {
                if (i % 2 == 0)
                    await sender.SendAsync(box.Address, BitConverter.GetBytes(i));
                else
                    sender.Send(box.Address, BitConverter.GetBytes(i));
            }
        });
        for (var i = 0; i < 5000; i++)
        {
            var message = await box.ReceiveAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(i, BitConverter.ToInt32(message.Body.Span));
            Assert.InRange(box.Counters.WaitingBytes, 0, 4200);
        }

        await sending;
    }

    [Fact]
    public async Task A_request_has_its_answer_or_a_deadline_or_a_reason()
    {
        var (client, server) = (_office.Open(), Bound("adder"));
        var serving = Task.Run(async () =>
        {
            var request = await server.ReceiveAsync();
            server.Reply(request, Bytes(Text(request) + "!").Span);
        });
        Assert.Equal("hi!", Text(await client.RequestAsync(MailTarget.Parse("adder"), Bytes("hi"), TimeSpan.FromSeconds(60))));
        await serving;
        Assert.Equal(110, (await Assert.ThrowsAsync<MailException>(
            async () => await client.RequestAsync(MailTarget.Parse("adder"), Bytes("hi"), TimeSpan.FromMilliseconds(20)))).Errno);
        var waiting = client.RequestAsync(MailTarget.Parse("adder"), Bytes("hi"), TimeSpan.FromSeconds(60));
        server.Dispose();
        Assert.Equal(RejectReason.NoPort, (await Assert.ThrowsAsync<MailException>(async () => await waiting)).Reason);
    }

    [Fact]
    public void A_name_can_be_taken_exclusively()
    {
        var box = _office.Open();
        box.Bind(MailTarget.Parse("printer@{8080,1,1}"), exclusive: true);
        var refused = Assert.Throws<MailException>(() => _office.Open().Bind(MailTarget.Parse("{8080,0,3}")));
        Assert.Equal(98, refused.Errno);
        Assert.Contains("printer@{8080,1}", refused.Message, StringComparison.Ordinal);
        box.Dispose();
        _office.Open().Bind(MailTarget.Parse("{8080,0,3}"));
    }

    [Fact]
    public void A_message_that_is_too_large_is_refused_with_the_limit()
    {
        var (sender, box) = (_office.Open(), _office.Open(new MailboxOptions { CapacityBytes = 16 << 20 }));
        sender.Send(box.Address, new byte[4 << 20]);
        Assert.Equal(90, Assert.Throws<MailException>(() => sender.Send(box.Address, new byte[(4 << 20) + 1])).Errno);
        Assert.True(box.TryReceive(out var message));
        Assert.Equal(4 << 20, message.Body.Length);
    }

    [Fact]
    public async Task Subscriptions_tell_the_first_up_and_the_last_down_or_each()
    {
        using var service = await _office.SubscribeAsync(MailTarget.Parse("{70,0,9}"));
        using var ports = await _office.SubscribeAsync(MailTarget.Parse("{70,0,9}"), NameFilter.Ports);
        var (one, two) = (Bound("{70,5}"), Bound("{70,5}"));
        one.Dispose();
        two.Dispose();
        Assert.Equal([NameEventKind.Up, NameEventKind.Down], Events(service).Select(e => e.Kind));
        Assert.Equal([NameEventKind.Up, NameEventKind.Up, NameEventKind.Down, NameEventKind.Down], Events(ports).Select(e => e.Kind));
    }

    [Fact]
    public async Task A_service_is_waited_for()
    {
        Assert.False(await _office.ServiceExistsAsync(MailTarget.Parse("printer@{8080,1,1}"), TimeSpan.FromMilliseconds(10)));
        var waiting = _office.ServiceExistsAsync(MailTarget.Parse("printer@{8080,1,1}"), TimeSpan.FromSeconds(60)).AsTask();
        Bound("printer@{8080,1}");
        Assert.True(await waiting);
        Assert.True(await _office.ServiceExistsAsync(MailTarget.Parse("printer@{8080,1,1}"), TimeSpan.Zero));
    }

    [Fact]
    public void Thousands_of_idle_mailboxes_cost_less_than_a_kilobyte_each()
    {
        const int Count = 100_000;
        var boxes = new Mailbox[Count];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i++)
        {
            boxes[i] = _office.Open();
            boxes[i].Bind(new MailTarget(new ServiceRange(5000, (uint)i)));
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.InRange(each, 1, 1024);
        boxes[0].Send(new MailTarget(new ServiceRange(5000, Count - 1)), [7]);
        Assert.True(boxes[Count - 1].TryReceive(out _));
    }

    [Fact]
    public void Sending_and_receiving_allocates_nothing()
    {
        var (sender, box) = (_office.Open(), _office.Open());
        var target = MailTarget.Parse("{8080,1}");
        box.Bind(target);
        var body = new byte[64];
        for (var warm = 0; warm < 3; warm++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                sender.Send(i % 2 == 0 ? target : box.Address, body);
                Assert.True(box.TryReceive(out _));
            }

            if (warm == 2)
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        }
    }

    [Fact]
    public async Task Many_senders_lose_nothing_and_each_keeps_its_order()
    {
        const int Senders = 4, Each = 50_000;
        var box = _office.Open(new MailboxOptions { CapacityBytes = 100_000, Overflow = OverflowPolicy.Block });
        var sending = Enumerable.Range(0, Senders).Select(number => Task.Run(() =>
        {
            var sender = _office.Open();
            for (var i = 0; i < Each; i++)
                sender.Send(box.Address, BitConverter.GetBytes(((long)number << 32) | (uint)i));
        })).ToList();
        var next = new int[Senders];
        for (var i = 0; i < Senders * Each; i++)
        {
            Assert.True(box.Receive(out var message, TimeSpan.FromSeconds(60)));
            var value = BitConverter.ToInt64(message.Body.Span);
            Assert.Equal(next[value >> 32]++, (int)value);
        }

        await Task.WhenAll(sending);
        Assert.False(box.TryReceive(out _));
    }

    public ValueTask DisposeAsync() => _office.DisposeAsync();

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(in MailMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private static List<MailMessage> Drain(Mailbox box)
    {
        var all = new List<MailMessage>();
        while (box.TryReceive(out var message))
            all.Add(message.Copy());
        return all;
    }

    private static List<NameEvent> Events(NameSubscription subscription)
    {
        var all = new List<NameEvent>();
        while (subscription.TryRead(out var happened))
            all.Add(happened);
        return all;
    }

    private Mailbox Bound(string target)
    {
        var box = _office.Open();
        box.Bind(MailTarget.Parse(target));
        return box;
    }
}
