using System.Text;
using Pewter.Mail.Tests.Hub;

namespace Pewter.Mail.Tests.Oracle;

/// <summary>The script of <c>pair.c</c> against ours: two hubs, a trunk that is cut and laid anew, the same steps, the same lines.</summary>
internal sealed class LinkScript
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.5);

    private readonly List<string> _lines = [];
    private readonly Mailbox _box;
    private readonly Mailbox _own;
    private readonly Mailbox _member;
    private readonly Server _server;

    private LinkScript(PostOffice here, Server server) => (_box, _own, _member, _server) = (here.Open(), here.Open(), here.Open(), server);

    internal static async Task<List<string>> RunAsync()
    {
        await using var one = new Machine();
        await using var other = new Machine();
        var (near, far) = SilentCable.Create();
        var first = Task.WhenAll(one.Hub.TrunkAsync(near, "other"), other.Hub.TrunkAsync(far, "one"));
        var here = await one.OfficeAsync();
        var script = new LinkScript(here, await Server.StartAsync(await other.OfficeAsync()));
        using var names = await here.SubscribeAsync(MailTarget.Parse("{8200,0,9}"));
        script.Say("name", await EventAsync(names));
        await script.MessagesAsync();
        var stream = await script.ConnectAsync();
        near.Cut();
        far.Cut();
        await script.CutAsync(names, stream);
        await first;
        var (again, there) = SilentCable.Create();
        var second = Task.WhenAll(one.Hub.TrunkAsync(again, "other"), other.Hub.TrunkAsync(there, "one"));
        await script.HealAsync(names);
        await again.DisposeAsync();
        await there.DisposeAsync();
        await second;
        return script._lines;
    }

    private async Task MessagesAsync()
    {
        Say("name of the other node alone", $"{Errno("{8201,1}", "x")}");
        await SendAsync("{8200,1}", "echo");
        _server.Echo();
        Say("anycast", Next(_box));
        for (var i = 0; i < 100; i++)
            await SendAsync("{8200,1}", $"n{i}");
        Say("order", _server.Order(100));
        await _own.BindAsync(MailTarget.Parse("{8204,0,6}"));
        await _box.MulticastAsync(MailTarget.Parse("{8204,0,9}"), "x"u8.ToArray());
        Say("multicast", $"{(Next(_own) == "x" ? 1 : 0)} {(Next(_server.Many) == "x" ? 1 : 0)}");
        var doomed = _server.Box.Office.Open();
        await _box.SendAsync(new MailTarget(doomed.Address), "unread"u8.ToArray());
        Assert.True(await Eventually(() => doomed.Counters.Received > 0));
        doomed.Dispose();
        Say("closed", $"reason {Returned(Soon)}");
        await _member.JoinAsync(901, 1);
        var joined = Kind(_member);
        Assert.True(await Eventually(() => _server.Group.Members.Count > 0));
        await _server.Group.BroadcastAsync("news"u8.ToArray());
        Say("group", $"{joined} {Kind(_member)}");
    }

    private async Task<MailStream> ConnectAsync()
    {
        var connecting = _box.ConnectAsync(MailTarget.Parse("{8203,1}"), Soon).AsTask();
        _server.Accept();
        var stream = await connecting;
        Say("connection", "0 accepted");
        return stream;
    }

    private async Task CutAsync(NameSubscription names, MailStream stream)
    {
        Say("cut, sent at once", $"{Errno(_server.Box.Address.ToString(), "under way")}");
        Say("cut, name", await EventAsync(names));
        Say("cut, under way", $"reason {Returned(Soon)}");
        Say("cut, group", Kind(_member));
        var reset = await Assert.ThrowsAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[1]));
        Say("cut, connection", $"{((MailException)reset.InnerException!).Errno}");
        Say("cut, to the name", $"{Errno("{8200,1}", "x")}");
        var sent = Errno(_server.Box.Address.ToString(), "x");
        Say("cut, to the mailbox", $"{sent}, reason {(sent == 0 ? Returned(Quiet) : 0)}");
    }

    private async Task HealAsync(NameSubscription names)
    {
        Say("healed, name", await EventAsync(names));
        Say("healed, group", Kind(_member));
        await SendAsync("{8200,1}", "still here");
        _server.Echo();
        Say("healed, anycast", Next(_box));
        Errno(_server.Box.Address.ToString(), "back");
        _server.Echo();
        Say("healed, to the mailbox", Next(_box));
    }

    private void Say(string name, string seen) => _lines.Add($"{name}: {seen}");

    private ValueTask SendAsync(string to, string text) => _box.SendAsync(MailTarget.Parse(to), Encoding.UTF8.GetBytes(text));

    private int Errno(string to, string text)
    {
        try
        {
            _box.Send(MailTarget.Parse(to), Encoding.UTF8.GetBytes(text));
            return 0;
        }
        catch (MailException refused)
        {
            return refused.Errno;
        }
    }

    private int Returned(TimeSpan time) => _box.Receive(out var message, time) ? (int)message.Reason : 0;

    private static string Kind(Mailbox box) => box.Receive(out var message, Soon) ? message.Kind.ToString().ToLowerInvariant() : "nothing";

    private static string Next(Mailbox box)
    {
        while (box.Receive(out var message, Soon))
        {
            if (message.Kind == MessageKind.Data)
                return Encoding.UTF8.GetString(message.Body.Span);
        }

        return "nothing";
    }

    private static async Task<string> EventAsync(NameSubscription names) =>
        (await names.ReadAsync(new CancellationTokenSource(Soon).Token))!.Value.Kind.ToString().ToLowerInvariant();

    private static async Task<bool> Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 600 && !condition(); i++)
            await Task.Delay(100);
        return condition();
    }

    /// <summary>The other side.</summary>
    private sealed record Server(Mailbox Box, Mailbox Many, Mailbox Listener, MailGroup Group)
    {
        internal static async Task<Server> StartAsync(PostOffice office)
        {
            var (box, many, listener, alone, member) = (office.Open(), office.Open(), office.Open(), office.Open(), office.Open());
            await box.BindAsync(MailTarget.Parse("{8200,1}"));
            await alone.BindAsync(MailTarget.Parse("{8201,1}/node"));
            await listener.BindAsync(MailTarget.Parse("{8203,1}"));
            await many.BindAsync(MailTarget.Parse("{8204,5,9}"));
            return new Server(box, many, listener, await member.JoinAsync(901, 2));
        }

        internal void Echo()
        {
            Assert.True(Box.Receive(out var message, Soon));
            Box.Send(message.From, message.Copy().Body.Span);
        }

        internal void Accept()
        {
            Assert.True(Listener.Receive(out var message, Soon));
            Listener.Accept(message);
        }

        internal string Order(int count)
        {
            var wrong = 0;
            for (var i = 0; i < count; i++)
                wrong += Next(Box) == $"n{i}" ? 0 : 1;
            return $"{count} {(wrong > 0 ? "out of order" : "in order")}";
        }
    }
}
