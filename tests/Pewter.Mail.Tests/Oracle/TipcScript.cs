namespace Pewter.Mail.Tests.Oracle;

/// <summary>The script of <c>script.c</c> against ours: the same steps, the same lines.</summary>
internal static class TipcScript
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    internal static async Task<List<string>> RunAsync()
    {
        await using var office = new PostOffice();
        var lines = new List<string>();
        Messages(office, lines);
        await NamesAsync(office, lines);
        await GroupAsync(office, lines);
        return lines;
    }

    private static void Messages(PostOffice office, List<string> lines)
    {
        var s = office.Open();
        var (a, b, c, d) = (Bound(office, "{8080,1}"), Bound(office, "{8080,1}"), Bound(office, "{8080,5,9}"), Bound(office, "{8080,0,3}"));
        lines.Add("overlap: allowed");
        d.Dispose();
        Send(s, "{8080,1}", 10, 10);
        lines.Add($"anycast same: {Count(a)} {Count(b)}");
        d = Bound(office, "{8080,0,3}");
        Send(s, "{8080,1}", 9, 10);
        lines.Add($"anycast overlapping: {((Count(a), Count(b), Count(d)) == (3, 3, 3) ? "fair" : "one range only")}");
        s.MulticastAsync(MailTarget.Parse("{8080,0,7}"), new byte[10]).AsTask().Wait();
        lines.Add($"multicast: {Count(a)} {Count(b)} {Count(c)} {Count(d)}");
        lines.Add($"unbound: {Errno(s, "{9999,1}", 10)}");
        lines.Add($"66000 bytes: {Errno(s, "{8080,7}", 66000)}");
        lines.Add($"66001 bytes: {Errno(s, "{8080,7}", 66001)}");
        Count(c);
        Send(s, "{8080,7}", 1, 10);
        c.Dispose();
        lines.Add($"closed: reason {(s.Receive(out var back, Soon) ? (int)back.Reason : 0)}");
        _ = Bound(office, "{8081,1}");
        var reason = RejectReason.None;
        for (var i = 0; i < 5000 && reason == RejectReason.None; i++)
            reason = s.TrySend(MailTarget.Parse("{8081,1}"), new byte[1000]);
        lines.Add($"full: reason {(int)reason}");
    }

    private static async Task NamesAsync(PostOffice office, List<string> lines)
    {
        using var service = await office.SubscribeAsync(MailTarget.Parse("{8090,0,9}"));
        using var ports = await office.SubscribeAsync(MailTarget.Parse("{8090,0,9}"), NameFilter.Ports);
        var (g, h) = (Bound(office, "{8090,5}"), Bound(office, "{8090,5}"));
        g.Dispose();
        h.Dispose();
        lines.Add("service:" + Events(service));
        lines.Add("ports:" + Events(ports));
        using var timed = await office.SubscribeAsync(MailTarget.Parse("{8099,0,9}"), NameFilter.Service, TimeSpan.FromMilliseconds(100));
        lines.Add($"times out: {(await timed.ReadAsync())!.Value.Kind.ToString().ToLowerInvariant()}");
        Bound(office, "{8095,1}");
        using var late = await office.SubscribeAsync(MailTarget.Parse("{8095,0,9}"));
        lines.Add("there already:" + Events(late));
    }

    private static async Task GroupAsync(PostOffice office, List<string> lines)
    {
        var (m, n) = (office.Open(), office.Open());
        await m.JoinAsync(900, 1);
        var second = await n.JoinAsync(900, 2);
        await second.BroadcastAsync(new byte[1]);
        n.Dispose();
        var kinds = new List<string>();
        while (m.TryReceive(out var message))
            kinds.Add(message.Kind.ToString().ToLowerInvariant());
        lines.Add("group order: " + string.Join(' ', kinds));
        var outsider = office.Open();
        lines.Add($"outsider: {Errno(outsider, "{900,1}", 10)}");
        lines.Add($"outsider's message: {Count(m)}");
    }

    private static Mailbox Bound(PostOffice office, string target)
    {
        var box = office.Open();
        box.Bind(MailTarget.Parse(target));
        return box;
    }

    private static void Send(Mailbox box, string target, int count, int bytes)
    {
        for (var i = 0; i < count; i++)
            box.TrySend(MailTarget.Parse(target), new byte[bytes]);
    }

    private static int Errno(Mailbox box, string target, int bytes)
    {
        try
        {
            box.Send(MailTarget.Parse(target), new byte[bytes]);
            return 0;
        }
        catch (MailException refused)
        {
            return refused.Errno;
        }
    }

    private static int Count(Mailbox box)
    {
        var count = 0;
        while (box.TryReceive(out _))
            count++;
        return count;
    }

    private static string Events(NameSubscription subscription)
    {
        var all = "";
        while (subscription.TryRead(out var happened))
            all += " " + happened.Kind.ToString().ToLowerInvariant();
        return all;
    }
}
