namespace Pewter.Bmc.Tests;

/// <summary>Addresses of controllers, as people write them.</summary>
public sealed class BmcAddressTests
{
    [Theory]
    [InlineData("ipmi://10.0.0.7", "ipmi://10.0.0.7:623")]
    [InlineData("ipmi://root@bmc-7:6230?cipher=3", "ipmi://root@bmc-7:6230?cipher=3")]
    [InlineData("ipmi://[fd00::7]", "ipmi://[fd00::7]:623")]
    [InlineData("redfish://bmc-7", "redfish://bmc-7:443")]
    [InlineData("redfish+http://bmc-7:8000/redfish/v1/Systems/1", "redfish+http://bmc-7:8000/redfish/v1/Systems/1")]
    public void An_address_is_read_and_written(string text, string written)
    {
        var address = BmcAddress.TryParse(text, out var error);
        Assert.Equal("", error);
        Assert.Equal(written, address!.ToString());
        Assert.Equal(address, BmcAddress.TryParse(written, out _));
    }

    [Theory]
    [InlineData("10.0.0.7", "write ipmi://")]
    [InlineData("http://10.0.0.7", "write ipmi://")]
    [InlineData("ipmi://h?cipher=1", "3 or 17")]
    [InlineData("redfish://h?cipher=3", "only IPMI")]
    [InlineData("redfish://h?fingerprint=abc", "64 hex digits")]
    [InlineData("redfish://h?color=red", "no option 'color'")]
    public void What_is_no_address_is_told_with_what_would_be(string text, string sentence)
    {
        Assert.Null(BmcAddress.TryParse(text, out var error));
        Assert.Contains(sentence, error);
    }

    [Theory]
    [InlineData("ipmi://root:hunter2@h")]
    [InlineData("impi://root:hunter2@h")]
    public void A_password_in_an_address_is_refused_and_not_repeated(string text)
    {
        Assert.Null(BmcAddress.TryParse(text, out var error));
        Assert.DoesNotContain("hunter2", error);
    }
}
