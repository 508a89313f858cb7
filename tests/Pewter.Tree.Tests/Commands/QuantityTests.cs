namespace Pewter.Tree.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4G", 4_000_000_000)]
    [InlineData("4Gi", 4L << 30)]
    [InlineData("512Mi", 512L << 20)]
    [InlineData("1.5K", 1500)]
    [InlineData("2TiB", 2L << 40)]
    [InlineData("-3", -3)]
    public void Sizes_take_decimal_and_binary_units(string text, long expected)
    {
        Assert.True(Quantity.TryParseSize(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("4X")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("10000000T")]
    [InlineData("0x10")]
    public void What_is_no_whole_number_is_refused(string text) => Assert.False(Quantity.TryParseSize(text, out _));

    [Theory]
    [InlineData("10", 10)]
    [InlineData("1h30m", 5400)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5s", 1.5)]
    [InlineData("2d", 172800)]
    public void Durations_take_units(string text, double seconds)
    {
        Assert.True(Quantity.TryParseDuration(text, out var value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5x")]
    [InlineData("-5s")]
    [InlineData("99999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Quantity.TryParseDuration(text, out _));
}
