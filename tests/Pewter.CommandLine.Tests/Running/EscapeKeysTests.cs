using System.Text;
using Pewter.CommandLine.Running;

namespace Pewter.CommandLine.Tests.Running;

public sealed class EscapeKeysTests
{
    [Theory]
    [InlineData("ls -l\r", "ls -l\r", true)]
    [InlineData("~.", "", false)]
    [InlineData("exit\r~.more", "exit\r", false)]
    [InlineData("a~.b", "a~.b", true)]
    [InlineData("~~.x", "~.x", true)]
    [InlineData("~/bin\r", "~/bin\r", true)]
    public void A_tilde_and_a_dot_at_the_start_of_a_line_are_the_way_out(string typed, string passed, bool stays)
    {
        var got = new List<byte>();
        Assert.Equal(stays, new EscapeKeys().Pass(Encoding.UTF8.GetBytes(typed), got));
        Assert.Equal(passed, Encoding.UTF8.GetString([.. got]));
    }

    [Fact]
    public void Keys_that_come_one_by_one_mean_the_same()
    {
        var (keys, got) = (new EscapeKeys(), new List<byte>());
        Assert.True(keys.Pass("\r"u8, got));
        Assert.True(keys.Pass("~"u8, got));
        Assert.False(keys.Pass("."u8, got));
        Assert.Equal("\r"u8.ToArray(), got);
    }
}
