using System.Diagnostics;
using Pewter.Mail;
using Pewter.Testing;

namespace Pewter.System.Tests.Mail;

/// <summary>Mail between real daemons on hosts of their own: by the tree, past it where there is a route, and back.</summary>
public sealed class MailMachineTests
{
    private static readonly MailTarget Printer = MailTarget.Parse("printer@{8080,1,1}");
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Mail_goes_by_the_tree_then_directly_when_there_is_a_route_and_back_when_it_is_cut_and_none_is_lost()
    {
        await using var machines = await MailMachines.UpAsync();
        var (a, b) = (await machines.OfficeAsync(machines.Left), await machines.OfficeAsync(machines.Right));
        var (sender, printer) = (a.Open(), b.Open(new MailboxOptions { Overflow = OverflowPolicy.Block }));
        await printer.BindAsync(Printer);
        Assert.True(await a.ServiceExistsAsync(Printer, Long));
        using var stop = new CancellationTokenSource();
        var (sent, taken) = (0, 0);
        var sending = Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested; sent++)
            {
                await sender.SendAsync(Printer, BitConverter.GetBytes(sent));
                await Task.Delay(1);
            }
        });
        var taking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested || Volatile.Read(ref taken) < sent)
            {
                Assert.Equal(taken, BitConverter.ToInt32((await printer.ReceiveAsync().AsTask().WaitAsync(Long)).Body.Span));
                taken++;
            }
        });
        await IsByAsync(a, printer, MailTransport.Relayed);
        Assert.Contains("transport=relayed", await machines.Left.ReadAsync("name/query/type=8080/status"), StringComparison.Ordinal);

        var bridge = await machines.BridgeAsync();
        await IsByAsync(a, printer, MailTransport.SameSegment);
        Assert.Contains("transport=same-segment", await machines.Left.ReadAsync("name/query/type=8080/status"), StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            await GoesOnAsync(() => Volatile.Read(ref taken));
            await bridge.CutAsync();
            await IsByAsync(a, printer, MailTransport.Relayed);
            await GoesOnAsync(() => Volatile.Read(ref taken));
            await bridge.HealAsync();
            await IsByAsync(a, printer, MailTransport.SameSegment);
        }

        // The tree breaks, and neither names nor mail notice.
        await machines.Top.KillAsync();
        await Task.Delay(2500, TestContext.Current.CancellationToken);
        await GoesOnAsync(() => Volatile.Read(ref taken));
        Assert.True(await a.ServiceExistsAsync(Printer, TimeSpan.Zero));
        await stop.CancelAsync();
        await Task.WhenAll(sending, taking).WaitAsync(Long);
        Assert.Equal(sent, taken);
        Assert.False(sender.TryReceive(out _));
    }

    [Fact]
    public async Task A_dead_machines_names_are_down_everywhere_within_two_seconds_and_what_was_under_way_comes_back()
    {
        await using var machines = await MailMachines.UpAsync();
        var (a, b, middle) = (
            await machines.OfficeAsync(machines.Left), await machines.OfficeAsync(machines.Right), await machines.OfficeAsync(machines.Top));
        var (sender, printer) = (a.Open(), b.Open());
        await printer.BindAsync(Printer);
        var shortest = TimeSpan.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            using var far = await a.SubscribeAsync(Printer);
            using var near = await middle.SubscribeAsync(Printer);
            Assert.Equal(NameEventKind.Up, (await far.ReadAsync().AsTask().WaitAsync(Long))!.Value.Kind);
            Assert.Equal(NameEventKind.Up, (await near.ReadAsync().AsTask().WaitAsync(Long))!.Value.Kind);
            await sender.SendAsync(Printer, new[] { (byte)i });
            await machines.Cable.CutAsync();
            var start = Stopwatch.GetTimestamp();
            Assert.Equal(NameEventKind.Down, (await far.ReadAsync().AsTask().WaitAsync(Long))!.Value.Kind);
            Assert.Equal(NameEventKind.Down, (await near.ReadAsync().AsTask().WaitAsync(Long))!.Value.Kind);
            var took = Stopwatch.GetElapsedTime(start);
            shortest = took < shortest ? took : shortest;
            Assert.True(sender.Receive(out var back, Long));
            Assert.Equal((MessageKind.Rejected, RejectReason.NodeLost, i), (back.Kind, back.Reason, back.Body.Span[0]));
            await machines.Cable.HealAsync();
        }

        // On a crowded machine a thread may be late, but not each time.
        Assert.True(shortest < TimeSpan.FromSeconds(2), $"{shortest}");
    }

    private static Task IsByAsync(PostOffice office, Mailbox to, MailTransport transport) =>
        Until.TrueAsync(() => office.TransportTo(to.Address) == transport, $"mail goes by {transport}, not {office.TransportTo(to.Address)}");

    private static async Task GoesOnAsync(Func<int> taken)
    {
        var before = taken();
        await Until.TrueAsync(() => taken() > before + 50, "messages arrive");
    }
}
