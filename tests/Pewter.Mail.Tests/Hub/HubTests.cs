using System.Text;

namespace Pewter.Mail.Tests.Hub;

public sealed class HubTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    private static readonly MailTarget Printer = MailTarget.Parse("printer@{8080,1,1}");

    [Fact]
    public async Task A_name_of_another_process_is_found_and_reached_by_shared_memory()
    {
        await using var machine = new Machine();
        var (a, b) = (await machine.OfficeAsync(), await machine.OfficeAsync());
        var (sender, printer) = (a.Open(), b.Open());
        Assert.False(await a.ServiceExistsAsync(Printer, TimeSpan.Zero));
        await printer.BindAsync(Printer);
        Assert.True(await a.ServiceExistsAsync(Printer, Long));
        await sender.SendAsync(Printer, Encoding.UTF8.GetBytes("hello"));
        Assert.True(printer.Receive(out var message, Long));
        Assert.Equal(("hello", sender.Address), (Encoding.UTF8.GetString(message.Body.Span), message.From));
        Assert.Equal(MailTransport.SharedMemory, a.TransportTo(printer.Address));
    }

    [Fact]
    public async Task Requests_and_streams_and_groups_cross_processes()
    {
        await using var machine = new Machine();
        var (a, b) = (await machine.OfficeAsync(), await machine.OfficeAsync());
        await AllKindsAsync(a, b);
    }

    [Fact]
    public async Task Requests_and_streams_and_groups_cross_machines_by_their_hubs()
    {
        await using var one = new Machine();
        await using var two = new Machine();
        await using var three = new Machine();
        await using var first = one.Connect(two);
        await using var second = two.Connect(three);
        var (a, b) = (await one.OfficeAsync(), await three.OfficeAsync());
        await AllKindsAsync(a, b);
        Assert.Contains(a.Routes, route => a.TransportTo(new PortAddress(route.Node, route.Office, 0)) == MailTransport.Relayed);
    }

    [Fact]
    public async Task A_name_of_node_scope_stays_on_its_node()
    {
        await using var one = new Machine();
        await using var two = new Machine();
        await using var cable = one.Connect(two);
        var (a, b) = (await one.OfficeAsync(), await two.OfficeAsync());
        await a.Open().BindAsync(MailTarget.Parse("local/node"));
        await a.Open().BindAsync(MailTarget.Parse("global"));
        Assert.True(await b.ServiceExistsAsync(MailTarget.Parse("global"), Long));
        Assert.False(await b.ServiceExistsAsync(MailTarget.Parse("local"), TimeSpan.Zero));
        Assert.True(await (await one.OfficeAsync()).ServiceExistsAsync(MailTarget.Parse("local"), Long));
        Assert.Equal(RejectReason.NoName, (await Assert.ThrowsAsync<MailException>(
            async () => await b.Open().SendAsync(MailTarget.Parse("global/node"), new byte[1]))).Reason);
    }

    [Fact]
    public async Task A_name_that_is_exclusively_taken_is_refused_everywhere()
    {
        await using var one = new Machine();
        await using var two = new Machine();
        await using var cable = one.Connect(two);
        var (a, b) = (await one.OfficeAsync(), await two.OfficeAsync());
        await a.Open().BindAsync(Printer, exclusive: true);
        Assert.True(await b.ServiceExistsAsync(Printer, Long));
        Assert.Equal(98, (await Assert.ThrowsAsync<MailException>(async () => await b.Open().BindAsync(Printer))).Errno);
        Assert.Equal(98, (await Assert.ThrowsAsync<MailException>(async () => await (await one.OfficeAsync()).Open().BindAsync(Printer))).Errno);
    }

    [Fact]
    public async Task Name_spaces_are_apart_until_a_name_is_granted()
    {
        var tenants = new Queue<string>(["lab", "shop"]);
        await using var machine = new Machine(tenant: (_, _) => tenants.Dequeue());
        var (lab, shop) = (await machine.OfficeAsync(), await machine.OfficeAsync());
        var (printer, secret, sender) = (lab.Open(), lab.Open(), shop.Open());
        await printer.BindAsync(MailTarget.Parse("printer"));
        await secret.BindAsync(MailTarget.Parse("secret"));
        await shop.Open().BindAsync(MailTarget.Parse("printer"), exclusive: true);
        await sender.SendAsync(MailTarget.Parse("printer"), new byte[] { 1 });
        Assert.False(printer.TryReceive(out _));
        await sender.SendAsync(printer.Address, new byte[] { 2 });
        Assert.True(sender.Receive(out var back, Long));
        Assert.Equal(RejectReason.NoPort, back.Reason);

        machine.Hub.Grant(new MailGrant("lab", MailTarget.Parse("secret"), "shop"));
        Assert.True(await shop.ServiceExistsAsync(MailTarget.Parse("secret"), Long));
        await sender.SendAsync(MailTarget.Parse("secret"), new byte[] { 3 });
        Assert.True(secret.Receive(out _, Long));
        Assert.True(machine.Hub.Revoke(new MailGrant("lab", MailTarget.Parse("secret"), "shop")));
        await UntilAsync(async () => !await shop.ServiceExistsAsync(MailTarget.Parse("secret"), TimeSpan.Zero));
    }

    [Fact]
    public async Task A_dead_machines_names_go_down_and_what_was_under_way_comes_back_as_lost()
    {
        await using var one = new Machine();
        await using var two = new Machine();
        var cable = one.Connect(two);
        var (a, b) = (await one.OfficeAsync(), await two.OfficeAsync());
        var (sender, box) = (a.Open(), b.Open());
        await box.BindAsync(Printer);
        using var names = await a.SubscribeAsync(Printer);
        Assert.Equal(NameEventKind.Up, (await names.ReadAsync())!.Value.Kind);
        await sender.SendAsync(Printer, new byte[] { 1 });
        await cable.DisposeAsync();
        Assert.Equal(NameEventKind.Down, (await names.ReadAsync().AsTask().WaitAsync(Long))!.Value.Kind);
        Assert.True(sender.Receive(out var back, Long));
        Assert.Equal((MessageKind.Rejected, RejectReason.NodeLost), (back.Kind, back.Reason));

        // The cable is mended: the name is back, and so is the way.
        await using var again = one.Connect(two);
        Assert.Equal(NameEventKind.Up, (await names.ReadAsync().AsTask().WaitAsync(Long))!.Value.Kind);
        await sender.SendAsync(Printer, new byte[] { 2 });
        do
            Assert.True(box.Receive(out back, Long));
        while (back.Body.Span[0] != 2);
    }

    [Fact]
    public async Task A_silent_trunk_is_given_up_within_two_seconds()
    {
        await using var one = new Machine();
        await using var two = new Machine();
        using var pipe = new SilentStream();
        var trunk = one.Hub.TrunkAsync(pipe, "silent");
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        await trunk.WaitAsync(Long);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 1.4, 30);
    }

    [Fact]
    public async Task A_hub_that_dies_disturbs_no_ring_and_what_it_relayed_arrives_once_it_is_back()
    {
        await using var machine = new Machine();
        var (a, b) = (await machine.OfficeAsync(), await machine.OfficeAsync());
        var (sender, box) = (a.Open(), b.Open());
        await box.BindAsync(Printer);
        await sender.SendAsync(Printer, new byte[] { 1 });
        Assert.True(box.Receive(out _, Long));
        await machine.Hub.DisposeAsync();
        await sender.SendAsync(Printer, new byte[] { 2 });
        Assert.True(box.Receive(out var message, Long) && message.Body.Span[0] == 2);
        await machine.RestartAsync();
        await UntilAsync(async () => await (await machine.OfficeAsync()).ServiceExistsAsync(Printer, TimeSpan.FromMilliseconds(200)));
        var late = (await machine.OfficeAsync()).Open();
        await late.SendAsync(Printer, new byte[] { 3 });
        Assert.True(box.Receive(out message, Long) && message.Body.Span[0] == 3);
    }

    private static async Task AllKindsAsync(PostOffice a, PostOffice b)
    {
        var (client, server) = (a.Open(), b.Open());
        await server.BindAsync(MailTarget.Parse("{77,1,9}"));
        Assert.True(await a.ServiceExistsAsync(MailTarget.Parse("{77,3}"), Long));
        var serving = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var request = await server.ReceiveAsync();
                server.Reply(request, request.Body.Span);
            }

            await using var end = server.Accept(await server.ReceiveAsync());
            await end.CopyToAsync(end);
            await end.FinishAsync();
        });
        for (var i = 0; i < 100; i++)
            Assert.Equal(i, (await client.RequestAsync(MailTarget.Parse("{77,3}"), new[] { (byte)i }, Long)).Body.Span[0]);
        var data = new byte[1_500_000];
        new Random(1).NextBytes(data);
        await using (var stream = await client.ConnectAsync(MailTarget.Parse("{77,3}")))
        {
            var writing = Task.Run(async () =>
            {
                await stream.WriteAsync(data);
                await stream.FinishAsync();
            });
            var back = new MemoryStream();
            await stream.CopyToAsync(back).WaitAsync(Long);
            await writing;
            Assert.True(data.AsSpan().SequenceEqual(back.ToArray()));
        }

        await serving;
        var (left, right) = (a.Open(), b.Open());
        await using var first = await left.JoinAsync(500, 1);
        var second = await right.JoinAsync(500, 2);
        Assert.True(right.Receive(out var joined, Long) && joined.Kind == MessageKind.Joined);
        await second.BroadcastAsync(new byte[] { 9 });
        await second.DisposeAsync();
        var kinds = new List<MessageKind>();
        while (kinds.LastOrDefault() != MessageKind.Left)
        {
            Assert.True(left.Receive(out var message, Long));
            kinds.Add(message.Kind);
        }

        Assert.Equal([MessageKind.Joined, MessageKind.Data, MessageKind.Left], kinds);
        var gone = new PortAddress(b.Address.Node, b.Address.Office, 3);
        await client.SendAsync(gone, new byte[1]);
        Assert.True(client.Receive(out var rejected, Long));
        Assert.Equal((RejectReason.NoPort, gone), (rejected.Reason, rejected.From));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1000 && !await condition(); i++)
            await Task.Delay(20);
        Assert.True(await condition());
    }

    private sealed class SilentStream : Stream
    {
        private readonly TaskCompletionSource _closed = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => 0;

        public override long Position { get; set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _closed.Task.WaitAsync(cancellationToken);
            return 0;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _closed.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
