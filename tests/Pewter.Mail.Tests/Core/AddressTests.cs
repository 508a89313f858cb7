namespace Pewter.Mail.Tests.Core;

public sealed class AddressTests
{
    [Theory]
    [InlineData("printer")]
    [InlineData("printer@{8080,1}")]
    [InlineData("{8080}")]
    [InlineData("{8080,5}")]
    [InlineData("{8080,5,9}")]
    [InlineData("{8080,5,9}/node")]
    [InlineData("printer/node")]
    [InlineData("5f3a9c:1c2d:9e")]
    public void An_address_is_printed_as_it_is_read(string text) => Assert.Equal(text, MailTarget.Parse(text).ToString());

    [Fact]
    public void The_seeds_address_is_a_name_with_one_instance()
    {
        var target = MailTarget.Parse("printer@{8080,1,1}");
        Assert.Equal(("printer", new ServiceRange(8080, 1), MailScope.Cluster), (target.Name, target.Range, target.Scope));
    }

    [Theory]
    [InlineData("")]
    [InlineData("@{1}")]
    [InlineData("{1,2,3,4}")]
    [InlineData("{9,5,1}")]
    [InlineData("{-1}")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("printer@")]
    [InlineData("printer@x")]
    [InlineData("{4294967296}")]
    public void What_is_no_address_is_refused_with_a_sentence(string text) =>
        Assert.Contains("is no address", Assert.Throws<MailException>(() => MailTarget.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("printer", "printer@{8080,1}", true)]
    [InlineData("{8080,1}", "printer@{8080,1}", true)]
    [InlineData("printer@{8080,1}", "printer@{8080,1}", true)]
    [InlineData("printer@{8080,1}", "scanner@{8080,1}", false)]
    [InlineData("printer@{8080,1}", "printer@{8080,2}", false)]
    [InlineData("printer@{8080,1}", "{8080,0,9}", true)]
    [InlineData("printer@{8080,1}", "printer", true)]
    [InlineData("printer", "{8080,1}", false)]
    [InlineData("{8080,5,9}", "{8080,9,12}", true)]
    [InlineData("{8080,5,9}", "{8080,10,12}", false)]
    public void A_name_with_numbers_matches_by_what_both_have(string target, string bound, bool matches) =>
        Assert.Equal(matches, MailTarget.Parse(target).Matches(MailTarget.Parse(bound)));
}
