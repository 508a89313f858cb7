using Pewter.Networks.Plane;
using Pewter.Networks.Plane.Dhcp;
using Pewter.Networks.Plane.Names;

namespace Pewter.Networks.Tests;

/// <summary>What the servers of a segment answer, decided without a wire; and that nothing on the wire can hurt them.</summary>
public sealed class DhcpPolicyTests
{
    private const string Member = "02:00:00:00:00:01";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static SegmentPlan Plan { get; } = new()
    {
        Id = "net1", Namespace = "", NamespaceNumber = 1, Cidr = "10.42.0.0/29", Gateway = "10.42.0.1", Domain = "lab.pewter", Mtu = 1500,
        Prefix6 = "fd00::", Guests = "10.42.0.5-10.42.0.6", LeaseSeconds = 3600, Hosts = [new SegmentHost(Member, "10.42.0.2", ["n1", "web"])],
        Scripts = new Dictionary<string, string> { [Member] = "#!ipxe" },
    };

    [Theory]
    [InlineData("PXEClient:Arch:00000", 0, null, "undionly.kpxe", "PXEClient")]
    [InlineData("PXEClient:Arch:00007", 7, null, "snponly.efi", "PXEClient")]
    [InlineData("PXEClient:Arch:00009", 9, null, "snponly.efi", "PXEClient")]
    [InlineData("HTTPClient:Arch:00016", 16, null, "http://10.42.0.1/snponly.efi", "HTTPClient")]
    [InlineData("PXEClient:Arch:00000", 0, "iPXE", "http://10.42.0.1/boot/02:00:00:00:00:01", null)]
    [InlineData("PXEClient:Arch:00011", 11, null, null, null)]
    [InlineData("udhcp 1.35", 0, null, null, null)]
    public void Firmware_is_told_what_it_can_load(string vendor, int architecture, string? user, string? file, string? answered)
    {
        var request = Request(DhcpType.Discover, Member).Set(DhcpOption.VendorClass, vendor)
            .Set(DhcpOption.ClientArchitecture, 0, (byte)architecture);
        if (user is not null)
            request.Set(DhcpOption.UserClass, user);
        var offer = Answer(request)!;
        Assert.Equal(file, offer.Text(DhcpOption.BootFile));
        Assert.Equal(file ?? "", offer.File);
        Assert.Equal(answered, offer.Text(DhcpOption.VendorClass));
        Assert.Equal(file is null ? null : "10.42.0.1", offer.Text(DhcpOption.TftpServer));
    }

    [Fact]
    public void Strangers_get_what_is_left_and_a_wrong_wish_is_refused()
    {
        var book = LeaseBook.Open(null);
        foreach (var (mac, address) in (ReadOnlySpan<(string, string)>)[("02:00:00:00:00:0a", "10.42.0.5"), ("02:00:00:00:00:0b", "10.42.0.6")])
        {
            var offer = Answer(Request(DhcpType.Discover, mac), book)!;
            Assert.Equal(address, DhcpMessage.AddressText(offer.YourAddress));
            var request = Request(DhcpType.Request, mac).Set(DhcpOption.RequestedAddress, offer.YourAddress);
            Assert.Equal(DhcpType.Acknowledge, Answer(request, book)!.Type);
        }

        Assert.Null(Answer(Request(DhcpType.Discover, "02:00:00:00:00:0c"), book));
        var wrong = Request(DhcpType.Request, "02:00:00:00:00:0c").Set(DhcpOption.RequestedAddress, 0x0A2A0005);
        Assert.Equal(DhcpType.Refuse, Answer(wrong, book)!.Type);
        Assert.Equal(DhcpType.Refuse, Answer(Request(DhcpType.Request, Member).Set(DhcpOption.RequestedAddress, 0x0A2A0005), book)!.Type);
        Assert.Null(Answer(Request(DhcpType.Request, Member).Set(DhcpOption.ServerIdentifier, 0x01020304), book));

        // What one gives back, or does not renew, another gets.
        Answer(Request(DhcpType.Release, "02:00:00:00:00:0a"), book);
        Assert.NotNull(Answer(Request(DhcpType.Discover, "02:00:00:00:00:0c"), book));
        Assert.NotNull(DhcpPolicy.Answer(Plan, book, Request(DhcpType.Discover, "02:00:00:00:00:0d"), Now.AddHours(2)));
    }

    [Fact]
    public void Leases_are_on_disk_before_they_are_told()
    {
        var path = Path.GetTempFileName();
        try
        {
            var book = LeaseBook.Open(path);
            Answer(Request(DhcpType.Request, "02:00:00:00:00:0a").Set(DhcpOption.RequestedAddress, 0x0A2A0006), book);
            Assert.Equal("10.42.0.6", Assert.Single(LeaseBook.Open(path).Leases).Address);
            File.WriteAllText(path, "not json");
            Assert.Empty(LeaseBook.Open(path).Leases);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Damaged_messages_are_read_or_left_alone()
    {
        var random = new Random(4711);
        var zone = new NameZone(Plan);
        var good = Request(DhcpType.Discover, Member).Set(DhcpOption.VendorClass, "PXEClient").ToBytes();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[..random.Next(good.Length + 1)];
            for (var flips = random.Next(8); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (DhcpMessage.Parse(bytes) is { } message)
                _ = DhcpPolicy.Answer(Plan, LeaseBook.Open(null), message, Now)?.ToBytes();
            var question = new byte[random.Next(64)];
            random.NextBytes(question);
            if (question.Length > 6)
                (question[2], question[3], question[4], question[5]) = (0, 0, 0, 1);
            if (DnsMessage.Parse(question) is { } asked)
                _ = zone.Answer(asked) ?? asked.Reply(NameZone.Refused, isAuthoritative: false);
        }
    }

    private static DhcpMessage? Answer(DhcpMessage request, LeaseBook? book = null)
    {
        // Over the wire and back, as a client has it.
        var answer = DhcpPolicy.Answer(Plan, book ?? LeaseBook.Open(null), DhcpMessage.Parse(request.ToBytes())!, Now);
        return answer is null ? null : DhcpMessage.Parse(answer.ToBytes());
    }

    private static DhcpMessage Request(DhcpType type, string mac) =>
        new DhcpMessage { Operation = 1, Transaction = 7, Hardware = Convert.FromHexString(mac.Replace(":", "", StringComparison.Ordinal)) }
            .Set(DhcpOption.MessageType, (byte)type);
}
