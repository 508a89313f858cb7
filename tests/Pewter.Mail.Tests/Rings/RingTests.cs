namespace Pewter.Mail.Tests.Rings;

public sealed class RingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Messages_of_all_sizes_arrive_whole_and_in_order_in_both_directions()
    {
        await using var pair = new RingPair();
        await Task.WhenAll(Task.Run(() => Pour(pair.A, pair.B)), Task.Run(() => Pour(pair.B, pair.A)));

        static void Pour(PostOffice from, PostOffice to)
        {
            var (sender, box) = (from.Open(), to.Open());
            int[] sizes = [0, 1, 15, 16, 17, 64, 1000, 8191, 8192, 8193, 100_000, 1 << 20, 4 << 20];
            var sending = Task.Run(() =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    var body = new byte[i % 97 == 0 ? sizes[i / 97 % sizes.Length] : sizes[i % 7]];
                    body.AsSpan().Fill((byte)i);
                    sender.Send(box.Address, body);
                }
            });
            for (var i = 0; i < 2000; i++)
            {
                Assert.True(box.Receive(out var message, Long), $"{i} did not come");
                Assert.Equal(i % 97 == 0 ? sizes[i / 97 % sizes.Length] : sizes[i % 7], message.Body.Length);
                Assert.False(message.Body.Span.ContainsAnyExcept((byte)i));
            }

            Assert.True(sending.Wait(Long));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ball_goes_to_and_fro_without_a_lost_wake_up(bool asynchronous)
    {
        await using var pair = new RingPair();
        var (a, b) = (pair.A.Open(), pair.B.Open());
        const int Rounds = 20_000;
        var echo = Task.Run(async () =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                MailMessage message;
                if (asynchronous)
                    message = await b.ReceiveAsync().AsTask().WaitAsync(Long);
                else
                    Assert.True(b.Receive(out message, Long));
                b.Send(message.From, message.Body.Span);
            }
        });
        for (var i = 0; i < Rounds; i++)
        {
            a.Send(b.Address, BitConverter.GetBytes(i));
            MailMessage back;
            if (asynchronous)
                back = await a.ReceiveAsync().AsTask().WaitAsync(Long);
            else
                Assert.True(a.Receive(out back, Long));
            Assert.Equal(i, BitConverter.ToInt32(back.Body.Span));
        }

        await echo;
    }

    [Fact]
    public async Task Many_mailboxes_over_one_ring_keep_their_order_and_lose_nothing()
    {
        await using var pair = new RingPair();
        const int Boxes = 8, Each = 20_000;
        var receivers = Enumerable.Range(0, Boxes).Select(_ => pair.B.Open(new MailboxOptions { Overflow = OverflowPolicy.Block })).ToList();
        var work = receivers.SelectMany((box, number) => new[]
        {
            Task.Run(() =>
            {
                var sender = pair.A.Open();
                for (var i = 0; i < Each; i++)
                    sender.Send(box.Address, BitConverter.GetBytes(i));
            }),
            Task.Run(async () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    MailMessage message;
                    if (number % 2 == 0)
                        Assert.True(box.Receive(out message, Long));
                    else
                        message = await box.ReceiveAsync().AsTask().WaitAsync(Long);
                    Assert.Equal(i, BitConverter.ToInt32(message.Body.Span));
                }
            }),
        });
        await Task.WhenAll(work).WaitAsync(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task A_slow_receiver_holds_its_sender_back_and_no_memory_fills()
    {
        await using var pair = new RingPair();
        var (sender, slow, quick) = (pair.A.Open(), pair.B.Open(new MailboxOptions { Overflow = OverflowPolicy.Block }), pair.B.Open());
        var sent = 0;
        while (sender.TrySend(slow.Address, new byte[1000]) == RejectReason.None)
            sent++;
        Assert.InRange(sent, 100, 1000);
        sender.Send(quick.Address, [1]);
        Assert.True(quick.Receive(out _, Long));
        var waiting = Task.Run(() => sender.Send(slow.Address, [2]));
        for (var i = 0; i < sent; i++)
            Assert.True(slow.Receive(out _, Long));
        await waiting.WaitAsync(Long);
    }

    [Fact]
    public async Task What_a_killed_process_has_not_taken_comes_back_and_what_it_has_taken_does_not()
    {
        await using var pair = new RingPair();
        var (sender, box) = (pair.A.Open(), pair.B.Open());
        for (var i = 0; i < 100; i++)
            sender.Send(box.Address, BitConverter.GetBytes(i));
        for (var i = 0; i < 40; i++)
            Assert.True(box.Receive(out _, Long));
        pair.KillB();
        for (var i = 40; i < 100; i++)
        {
            Assert.True(sender.Receive(out var back, Long));
            Assert.Equal((MessageKind.Rejected, RejectReason.NoPort, i), (back.Kind, back.Reason, BitConverter.ToInt32(back.Body.Span)));
        }

        Assert.False(sender.TryReceive(out _));
    }

    [Fact]
    public async Task A_full_and_a_closed_mailbox_of_another_process_give_back_with_the_right_reason()
    {
        await using var pair = new RingPair();
        var (sender, box) = (pair.A.Open(), pair.B.Open(new MailboxOptions { CapacityBytes = 1000 }));
        for (var i = 0; i < 20; i++)
            sender.Send(box.Address, new byte[20]);
        for (var i = 0; i < 11; i++)
        {
            Assert.True(sender.Receive(out var back, Long));
            Assert.Equal((RejectReason.Overload, 20), (back.Reason, back.Body.Length));
        }

        box.Dispose();
        for (var i = 0; i < 9; i++)
        {
            Assert.True(sender.Receive(out var back, Long));
            Assert.Equal(RejectReason.NoPort, back.Reason);
        }
    }

    [Fact]
    public async Task A_stream_carries_bytes_both_ways_and_its_end_is_told()
    {
        await using var pair = new RingPair();
        var listener = pair.B.Open();
        var serving = Task.Run(async () =>
        {
            await using var end = listener.Accept(await listener.ReceiveAsync());
            await end.CopyToAsync(end);
            await end.FinishAsync();
        });
        var data = new byte[5_000_000];
        new Random(7).NextBytes(data);
        await using var stream = await pair.A.Open().ConnectAsync(listener.Address);
        Assert.Equal(MailTransport.SharedMemory, stream.Transport);
        var writing = Task.Run(async () =>
        {
            await stream.WriteAsync(data);
            await stream.FinishAsync();
        });
        var back = new MemoryStream();
        await stream.CopyToAsync(back).WaitAsync(Long);
        await Task.WhenAll(writing, serving);
        Assert.True(data.AsSpan().SequenceEqual(back.ToArray()));
    }

    [Fact]
    public async Task A_stream_whose_peer_is_killed_is_reset()
    {
        await using var pair = new RingPair();
        var listener = pair.B.Open();
        var accepting = Task.Run(async () => listener.Accept(await listener.ReceiveAsync()));
        await using var stream = await pair.A.Open().ConnectAsync(listener.Address);
        await accepting;
        pair.KillB();
        await Assert.ThrowsAsync<IOException>(async () => await stream.ReadAsync(new byte[10]).AsTask().WaitAsync(Long));
        await Assert.ThrowsAsync<IOException>(async () => await stream.WriteAsync(new byte[10]));
    }
}
