using Pewter.NineP;
using Pewter.Networks.Addresses;
using Pewter.Networks.Plane.Boot;
using Pewter.Networks.Switches;

namespace Pewter.Networks.Tests;

/// <summary>The decisions that need no kernel.</summary>
public sealed class PolicyTests
{
    [Theory]
    [InlineData("10.42.0.0/24", "10.42.0.1", "10.42.0.191", "10.42.0.254")]
    [InlineData("10.42.0.0/30", "10.42.0.1", "10.42.0.2", "10.42.0.2")]
    [InlineData("10.0.0.0/8", "10.0.0.1", "10.191.255.255", "10.255.255.254")]
    public void A_range_is_divided_into_members_and_guests(string cidr, string first, string lastMember, string last)
    {
        Assert.True(Subnet.TryParse(cidr, out var subnet));
        Assert.Equal(first, Subnet.Address(subnet.First).ToString());
        Assert.Equal(lastMember, Subnet.Address(subnet.LastMember).ToString());
        Assert.Equal(last, Subnet.Address(subnet.Last).ToString());
        Assert.Equal(cidr, subnet.ToString());
    }

    [Theory]
    [InlineData("10.42.0.0")]
    [InlineData("10.42.0.0/31")]
    [InlineData("10.42.0.0/7")]
    [InlineData("10.42.0.1/24")]
    [InlineData("10.42/16")]
    [InlineData("fd00::/64")]
    public void What_is_no_range_is_not_read(string text) => Assert.False(Subnet.TryParse(text, out _));

    [Fact]
    public void Vlans_are_numbers_and_ranges_and_the_first_free_one_is_given()
    {
        var pool = VlanPool.Parse("12,14-18,23,80-90");
        Assert.Equal(18, pool.Count);
        Assert.Equal(15, pool.Free(new HashSet<int> { 12, 14 }));
        foreach (var wrong in (string[])["", "0", "4095", "5-3", "1-2-3", "x"])
            Assert.Throws<FileException>(() => VlanPool.Parse(wrong));
    }

    [Theory]
    [InlineData("02-1F-9A-00-00-07", "02:1f:9a:00:00:07")]
    [InlineData("01:00:00:00:00:01", null)]
    [InlineData("00:00:00:00:00:00", null)]
    [InlineData("02:1f:9a:00:00", null)]
    public void Hardware_addresses_have_one_form(string text, string? usual) => Assert.Equal(usual, Hardware.Normalise(text));

    [Theory]
    [InlineData("kernel=/a initrd=/b cmdline='x y'", true)]
    [InlineData("iscsi=iqn.2026-01.x:d portal=10.0.0.1 lun=0", true)]
    [InlineData("local", true)]
    [InlineData("#!ipxe\nshell", true)]
    [InlineData("initrd=/b", false)]
    [InlineData("kernel=/a iscsi=x", false)]
    [InlineData("kernel=/a kernel=/b", false)]
    [InlineData("floppy", false)]
    public void What_a_machine_boots_is_read_or_refused(string text, bool isTarget)
    {
        if (isTarget)
            BootTarget.Parse(text);
        else
            Assert.Equal(Errno.EINVAL, Assert.Throws<FileException>(() => BootTarget.Parse(text)).Errno);
    }
}
