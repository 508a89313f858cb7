using System.Security.Cryptography;
using Pewter.Bmc.Ipmi;

namespace Pewter.Bmc.Tests;

/// <summary>Controllers that hang, lie, lose, repeat and refuse.</summary>
public sealed class BadControllerTests : IAsyncDisposable
{
    private readonly ScriptedController _controller = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static BmcLimits Impatient => new() { Answer = TimeSpan.FromMilliseconds(100), Operation = TimeSpan.FromSeconds(10) };

    public ValueTask DisposeAsync() => _controller.DisposeAsync();

    [Fact]
    public async Task A_controller_as_it_should_be_is_understood()
    {
        await using var bmc = Open();
        Assert.Equal(PowerState.On, await bmc.PowerAsync(Token));
    }

    [Fact]
    public async Task Datagrams_that_get_lost_are_sent_again()
    {
        var count = 0;
        _controller.Send = answer => ++count % 2 == 1 ? null : answer;
        await using var bmc = Open();
        Assert.Equal(PowerState.On, await bmc.PowerAsync(Token));
        Assert.True(_controller.Requests > 6);
    }

    [Fact]
    public async Task A_controller_that_falls_silent_after_the_handshake_is_silent()
    {
        var count = 0;
        _controller.Send = answer => ++count > 4 ? null : answer;
        await AssertFaultAsync(BmcFault.Silent, "stopped answering");
    }

    [Theory]
    [InlineData(0x01, BmcFault.Refused, "no session to spare")]
    [InlineData(0x0d, BmcFault.Denied, "does not let")]
    [InlineData(0x12, BmcFault.Refused, "0x12")]
    public async Task A_refused_session_is_told_with_what_it_means(byte status, BmcFault fault, string sentence)
    {
        _controller.Status = status;
        await AssertFaultAsync(fault, sentence);
    }

    [Theory]
    [InlineData(0xc1, BmcFault.Unsupported, "has no 'get chassis status'")]
    [InlineData(0xd4, BmcFault.Denied, "may not")]
    [InlineData(0xc0, BmcFault.Refused, "busy")]
    [InlineData(0xff, BmcFault.Refused, "0xff")]
    public async Task A_refused_command_is_told_with_what_it_means(byte completion, BmcFault fault, string sentence)
    {
        _controller.Answer = command => command == 1 ? (completion, []) : ((byte)0, []);
        await AssertFaultAsync(fault, sentence);
    }

    [Fact]
    public async Task One_bit_of_a_signed_answer_changed_is_no_answer()
    {
        var count = 0;
        _controller.Send = answer =>
        {
            if (++count > 3)
                answer[^1] ^= 1;
            return answer;
        };
        await AssertFaultAsync(BmcFault.Silent, "stopped answering");
    }

    [Fact]
    public async Task Who_does_not_know_the_password_cannot_play_the_controller()
    {
        await using var bmc = BmcConnector.Open(_controller.Address, new BmcCredentials("admin", "other"), TimeProvider.System, Impatient);
        var failure = await Assert.ThrowsAsync<BmcException>(async () => await bmc.PowerAsync(Token));
        Assert.Equal(BmcFault.Denied, failure.Fault);
    }

    [Fact]
    public async Task An_answer_that_is_too_short_is_off_and_never_a_crash()
    {
        _controller.Answer = _ => (0, []);
        await using var bmc = Open();
        Assert.Equal(PowerState.Off, await bmc.PowerAsync(Token));
        Assert.Equal(BmcFault.Broken, (await Assert.ThrowsAsync<BmcException>(async () => await bmc.IdentifyAsync(Token))).Fault);
        Assert.Equal(BmcFault.Broken, (await Assert.ThrowsAsync<BmcException>(async () => await bmc.BootAsync(Token))).Fault);
    }

    [Fact]
    public void A_thousand_kinds_of_nonsense_are_no_packet()
    {
        var keys = IpmiKeys.From(IpmiCipher.Suite17, 1, 2, new byte[32]);
        var random = new Random(7);
        var good = new RmcpPacket(IpmiPayload.Message, 1, 1, [1, 2, 3, 4, 5, 6, 7, 8]).Encode(keys);
        Assert.NotNull(RmcpPacket.Decode(good, keys));
        for (var i = 0; i < 1000; i++)
        {
            var bad = good.ToArray();
            bad[random.Next(bad.Length)] ^= (byte)random.Next(1, 256);
            Assert.Null(RmcpPacket.Decode(bad.AsSpan(0, random.Next(bad.Length + 1)), keys));
            Assert.Null(RmcpPacket.Decode(RandomNumberGenerator.GetBytes(random.Next(64)), null));
        }
    }

    private IBmc Open() => BmcConnector.Open(
        _controller.Address, new BmcCredentials("admin", ScriptedController.Password), TimeProvider.System, Impatient);

    private async Task AssertFaultAsync(BmcFault fault, string sentence)
    {
        await using var bmc = Open();
        var failure = await Assert.ThrowsAsync<BmcException>(async () => await bmc.PowerAsync(Token));
        Assert.Equal(fault, failure.Fault);
        Assert.Contains(sentence, failure.Message);
    }
}
