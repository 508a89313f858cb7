using Pewter.NineP;

namespace Pewter.Tree.Tests;

public sealed class RcQuotingTests
{
    [Theory]
    [InlineData("a b", "a|b")]
    [InlineData("  a\tb  ", "a|b")]
    [InlineData("'it''s'", "it's")]
    [InlineData("x'a b'y", "xa by")]
    [InlineData("''", "")]
    [InlineData("a '' b", "a||b")]
    [InlineData("\"a b\" $x \\n", "\"a|b\"|$x|\\n")]
    public void Words_are_split_as_rc_does(string line, string words) => Assert.Equal(words.Split('|'), RcQuoting.Split(line));

    [Fact]
    public void A_blank_line_has_no_words() => Assert.Empty(RcQuoting.Split(" \t"));

    [Fact]
    public void An_open_quote_is_EINVAL() =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<FileException>(() => RcQuoting.Split("a 'b")).Errno);

    [Fact]
    public void Whatever_is_joined_is_split_again()
    {
        var random = new Random(7);
        const string Alphabet = "ab' \t\n=\"\\$ü";
        for (var round = 0; round < 2000; round++)
        {
            var words = Enumerable.Range(0, random.Next(1, 6))
                .Select(_ => new string([.. Enumerable.Range(0, random.Next(6)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]))
                .ToArray();
            Assert.Equal(words, RcQuoting.Split(RcQuoting.Join(words)));
        }
    }
}
