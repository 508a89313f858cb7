using Pewter.Mail.Tests.Rings;

namespace Pewter.Mail.Tests.Core;

public sealed class GroupTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Joins_come_before_and_leaves_after_a_members_messages()
    {
        await using var office = new PostOffice();
        var (a, b) = (office.Open(), office.Open());
        await using var first = await a.JoinAsync(900, 1);
        await using var second = await b.JoinAsync(900, 2);
        Assert.Equal(1, await second.BroadcastAsync(new byte[] { 42 }));
        await second.DisposeAsync();
        Assert.Equal([MessageKind.Joined, MessageKind.Data, MessageKind.Left], Take(a, 3).Select(message => message.Kind));
        Assert.Equal(MessageKind.Joined, Take(b, 1)[0].Kind);
    }

    [Fact]
    public async Task A_group_is_closed_to_who_is_no_member()
    {
        await using var office = new PostOffice();
        var (member, outsider) = (office.Open(), office.Open());
        await using var group = await member.JoinAsync(900, 1);
        Assert.Equal(RejectReason.NoName, outsider.TrySend(MailTarget.Parse("{900,1}"), [1]));
        Assert.False(member.TryReceive(out _));
    }

    [Fact]
    public async Task Members_are_reached_one_by_one_by_number_and_all_together_in_one_order()
    {
        await using var office = new PostOffice();
        var boxes = Enumerable.Range(0, 4).Select(_ => office.Open()).ToList();
        var groups = new List<MailGroup>();
        foreach (var box in boxes)
            groups.Add(await box.JoinAsync(900, (uint)(groups.Count / 2)));
        await groups[0].BroadcastAsync(new byte[] { 1 });
        await groups[0].SendAsync(boxes[3].Address, new byte[] { 2 });
        await groups[0].MulticastAsync(1, new byte[] { 3 });
        await groups[0].AnycastAsync(1, new byte[] { 4 });
        await groups[0].AnycastAsync(1, new byte[] { 4 });
        await groups[0].BroadcastAsync(new byte[] { 5 });
        Assert.Equal([1, 2, 3, 4, 5], Data(boxes[3]));
        Assert.Equal([1, 3, 4, 5], Data(boxes[2]));
        Assert.Equal([1, 5], Data(boxes[1]));
        foreach (var group in groups)
            await group.DisposeAsync();
    }

    [Fact]
    public async Task A_killed_members_leave_comes_after_its_last_message()
    {
        await using var pair = new RingPair();
        var (a, b) = (pair.A.Open(), pair.B.Open());

        // There is no hub between the two: each is told of the other's membership by hand.
        pair.A.Names.Add(new NameBinding(MailTarget.Parse("{900,2}"), b.Address, 1) { IsGroup = true });
        pair.B.Names.Add(new NameBinding(MailTarget.Parse("{900,1}"), a.Address, 1) { IsGroup = true });
        await using var first = await a.JoinAsync(900, 1);
        var second = await b.JoinAsync(900, 2);
        while (second.Members.Count == 0)
            Assert.True(b.Receive(out _, Long));
        for (var i = 0; i < 50; i++)
            await second.BroadcastAsync(BitConverter.GetBytes(i));
        pair.KillB();
        var all = Take(a, 52);
        Assert.Equal(MessageKind.Joined, all[0].Kind);
        Assert.Equal(Enumerable.Range(0, 50), all.Skip(1).Take(50).Select(message => BitConverter.ToInt32(message.Body.Span)));
        Assert.Equal((MessageKind.Left, RejectReason.NodeLost), (all[51].Kind, all[51].Reason));
    }

    private static List<MailMessage> Take(Mailbox box, int count)
    {
        var all = new List<MailMessage>();
        while (all.Count < count)
        {
            Assert.True(box.Receive(out var message, Long));
            all.Add(message.Copy());
        }

        return all;
    }

    private static List<int> Data(Mailbox box)
    {
        var all = new List<int>();
        while (box.TryReceive(out var message))
            if (message.Kind == MessageKind.Data)
                all.Add(message.Body.Span[0]);
        return all;
    }
}
