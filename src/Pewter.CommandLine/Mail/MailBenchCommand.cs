using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Output;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Mail;

/// <summary>
/// <c>pewter mail bench</c>: how fast mail is here and now, between two offices at the machine's hub.
/// </summary>
internal sealed class MailBenchCommand : PewterCommand
{
    private static readonly Table<(string What, string Figure, string Way)> Table =
        new Table<(string What, string Figure, string Way)>(row => row.What)
        .Text("what", row => row.What).Text("figure", row => row.Figure).Text("transport", row => row.Way);

    private readonly Option<int> _count = new("--count", "-n") { Description = "Messages", HelpName = "N", DefaultValueFactory = _ => 200_000 };
    private readonly Option<int> _size = new("--size") { Description = "Bytes of a message", HelpName = "BYTES", DefaultValueFactory = _ => 64 };

    public MailBenchCommand(CommandHost host)
        : base(host, "bench", "Measure round trips and messages a second through shared memory")
    {
        Add(_count);
        Add(_size);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        try
        {
            var socket = PewterMail.SocketBeside(context.Endpoint);
            await using var one = await PewterMail.AttachAsync(socket, null, context.Cancellation);
            await using var other = await PewterMail.AttachAsync(socket, null, context.Cancellation);
            var rows = await Task.Run(() => Measure(context, one, other), context.Cancellation);
            await context.Output.ListAsync(Table, rows, context.Cancellation);
            return ExitCode.Ok;
        }
        catch (MailException refused)
        {
            throw new FileException((Errno)refused.Errno, refused.Message);
        }
    }

    private List<(string, string, string)> Measure(CommandContext context, PostOffice one, PostOffice other)
    {
        var (a, b) = (one.Open(), other.Open(new MailboxOptions { Overflow = OverflowPolicy.Block }));
        var (count, body, trips) = (context.Value(_count), new byte[context.Value(_size)], context.Value(_count) / 20);
        var time = context.Host.Time;
        var echo = new Thread(() =>
        {
            for (var i = 0; i < trips; i++)
            {
                b.Receive(out var message);
                b.Send(message.From, message.Body.Span);
            }

            for (var i = 0; i < count; i++)
            {
                b.Receive(out _);
            }

            b.Send(a.Address, []);
        });
        echo.Start();
        var start = time.GetTimestamp();
        for (var i = 0; i < trips; i++)
        {
            a.Send(b.Address, body);
            a.Receive(out _);
        }

        var trip = time.GetElapsedTime(start).TotalMicroseconds / trips;
        start = time.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            a.Send(b.Address, body);
        }

        a.Receive(out _);
        var rate = count / time.GetElapsedTime(start).TotalSeconds;
        echo.Join();
        var way = one.TransportTo(b.Address) == MailTransport.SharedMemory ? "shared-memory" : "same-host";
        return
        [
            ("round trip", string.Create(CultureInfo.InvariantCulture, $"{trip:0.00} us"), way),
            ("one way", string.Create(CultureInfo.InvariantCulture, $"{rate:0} messages/s"), way),
        ];
    }
}
