using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

public sealed class CtlTests : IAsyncLifetime
{
    private readonly LampService _service = new(TimeProvider.System);
    private readonly TreeClient _ann;
    private TreeHandle _ctl = null!;
    private Lamp _lamp = null!;

    public CtlTests() => _ann = _service.As(Callers.Ann);

    public async ValueTask InitializeAsync()
    {
        _lamp = _service.Add(Callers.Ann);
        _ctl = await _ann.OpenAsync("/lamp/l1/ctl", OpenFlags.ReadWrite);
    }

    public async ValueTask DisposeAsync()
    {
        await _ctl.DisposeAsync();
        await _service.DisposeAsync();
    }

    private async Task<FileException> Refused(string text) =>
        await Assert.ThrowsAsync<FileException>(async () => await _ctl.WriteTextAsync(text));

    private async Task<string> ReadBack() => Encoding.UTF8.GetString(await _ctl.ReadToEndAsync());

    [Fact]
    public async Task A_fresh_fid_reads_the_commands_with_their_arguments_and_help()
    {
        var help = await ReadBack();
        Assert.Contains("dim <percent:int> [over=duration]", help);
        Assert.Contains("Switches it on.", help);
        Assert.Contains("type <kind:normal|persistent>", help);
    }

    [Fact]
    public async Task A_command_is_done_when_the_write_returns_and_its_result_can_be_read()
    {
        await _ctl.WriteTextAsync("on\n");
        Assert.Equal("on", _lamp.State);
        Assert.Equal("""{"ok":true,"target":"/lamp/l1","command":"on"}""" + "\n", await ReadBack());
    }

    [Fact]
    public async Task Lines_of_one_write_run_in_order_with_a_result_each()
    {
        await _ctl.WriteTextAsync("on\ndim 20 over=2s\n");
        var replies = CommandReply.Parse(await ReadBack());
        Assert.Equal(2, replies.Count);
        Assert.Equal("00:00:02", replies[1].Text("was_over"));
        Assert.Equal(20, _lamp.Brightness);
    }

    [Fact]
    public async Task The_first_line_that_fails_ends_the_write_and_is_in_the_read_back()
    {
        var failure = await Refused("on\ndim 900\noff\n");
        Assert.Equal(Errno.EINVAL, failure.Errno);
        Assert.Equal("on", _lamp.State);
        var replies = CommandReply.Parse(await ReadBack());
        Assert.Equal([true, false], replies.Select(reply => reply.IsOk));
        Assert.Equal(Errno.EINVAL, replies[1].Errno);
        Assert.Equal("percent must be 0 to 100.", replies[1].Error);
    }

    [Fact]
    public async Task The_read_back_is_of_this_fid_and_of_its_last_write()
    {
        await _ctl.WriteTextAsync("on\n");
        await _ctl.WriteTextAsync("dim 5\n");
        Assert.Equal("dim", Assert.Single(CommandReply.Parse(await ReadBack())).Text("command"));
        Assert.Contains("Switches it on.", await _ann.ReadTextAsync("/lamp/l1/ctl"));
    }

    [Fact]
    public async Task An_unknown_command_is_EINVAL_with_a_suggestion()
    {
        var failure = await Refused("dmi 3\n");
        Assert.Equal(Errno.EINVAL, failure.Errno);
        Assert.Contains("did you mean 'dim'?", failure.Message);
    }

    [Theory]
    [InlineData("dim", "percent is missing")]
    [InlineData("dim x", "whole number")]
    [InlineData("dim 1 2", "too much")]
    [InlineData("dim 1 over=soon", "length of time")]
    [InlineData("dim 1 over=1s over=2s", "given twice")]
    [InlineData("type forever", "one of normal, persistent")]
    [InlineData("tag 'open", "quote is not closed")]
    public async Task Arguments_that_do_not_fit_are_EINVAL_and_say_why(string line, string why)
    {
        var failure = await Refused(line + "\n");
        Assert.Equal(Errno.EINVAL, failure.Errno);
        Assert.Contains(why, failure.Message);
    }

    [Fact]
    public async Task A_line_may_come_in_pieces()
    {
        await _ctl.WriteTextAsync("dim");
        await _ctl.WriteTextAsync(" 4");
        Assert.Equal(100, _lamp.Brightness);
        await _ctl.WriteTextAsync("2\n");
        Assert.Equal(42, _lamp.Brightness);
    }

    [Fact]
    public async Task A_whole_command_without_a_newline_runs_at_once()
    {
        await _ctl.WriteTextAsync("on");
        Assert.Equal("on", _lamp.State);
        await _ctl.WriteTextAsync("off\ndim 7");
        Assert.Equal(("off", 7), (_lamp.State, _lamp.Brightness));
    }

    [Fact]
    public async Task What_can_never_become_a_command_fails_at_once_without_a_newline() =>
        Assert.Equal(Errno.EINVAL, (await Refused("bogus")).Errno);

    [Fact]
    public async Task An_unterminated_piece_of_a_long_write_waits_for_the_rest()
    {
        var words = "tag " + string.Join(' ', Enumerable.Repeat("tag", 2000));
        await _ctl.WriteTextAsync(words[..4072]);
        Assert.Empty(_lamp.Tags);
        await _ctl.WriteTextAsync(words[4072..] + "\n");
        Assert.Equal(2000, _lamp.Tags.Count);
    }

    [Fact]
    public async Task What_is_left_at_the_clunk_runs_then()
    {
        await _ctl.WriteTextAsync("o");
        await _ctl.WriteTextAsync("n");
        Assert.Equal("off", _lamp.State);
        await _ctl.DisposeAsync();
        Assert.Equal("on", _lamp.State);
    }

    [Fact]
    public async Task A_failure_at_the_clunk_is_told_in_the_events()
    {
        await using var events = await _ann.OpenAsync("/lamp/l1/events");
        await _ctl.WriteTextAsync("dim");
        await _ctl.DisposeAsync();
        Assert.Contains("\"event\":\"ctl_failed\"", await events.ReadLineAsync());
    }

    [Fact]
    public async Task Blank_lines_are_nothing()
    {
        await _ctl.WriteTextAsync("\n  \n\ton\t\n\n");
        Assert.Single(CommandReply.Parse(await ReadBack()));
    }

    [Fact]
    public async Task A_line_over_64_KiB_is_EMSGSIZE()
    {
        Assert.Equal(Errno.EMSGSIZE, (await Refused(new string('x', CtlFile.MaxLineBytes + 1))).Errno);
        await _ctl.WriteTextAsync("on\n");
        Assert.Equal("on", _lamp.State);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_EILSEQ()
    {
        var failure = await Assert.ThrowsAsync<FileException>(async () => await _ctl.WriteAsync(new byte[] { 0xFF, 0x0A }));
        Assert.Equal(Errno.EILSEQ, failure.Errno);
        Assert.Contains("EILSEQ", await ReadBack());
    }

    [Fact]
    public async Task Offsets_are_ignored()
    {
        await _ctl.Open.WriteAsync(1 << 20, "on\n"u8.ToArray(), default);
        var buffer = new byte[100];
        var count = await _ctl.Open.ReadAsync(1 << 30, buffer, default);
        Assert.StartsWith("{\"ok\":true", Encoding.UTF8.GetString(buffer, 0, count));
    }

    [Fact]
    public async Task Its_size_is_0_and_truncating_it_does_nothing()
    {
        var ctl = await _ann.WalkAsync("/lamp/l1/ctl");
        await ctl.ChangeStatAsync(new() { Size = 0 }, Callers.Ann, default);
        Assert.Equal(0ul, (await _ann.StatAsync("/lamp/l1/ctl")).Size);
    }

    [Fact]
    public async Task A_cancelled_command_has_had_no_effect_and_a_piece_before_it_is_kept()
    {
        using var cancel = new CancellationTokenSource();
        await _ctl.WriteTextAsync("sle");
        var write = _ctl.WriteTextAsync("ep 1h\n", cancel.Token).AsTask();
        Assert.False(write.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        await _ctl.WriteTextAsync("ep 1ms\n");
        Assert.Equal("sleep", Assert.Single(CommandReply.Parse(await ReadBack())).Text("command"));
    }

    [Fact]
    public async Task A_cancelled_write_counts_the_lines_that_were_done()
    {
        using var cancel = new CancellationTokenSource();
        var write = _ctl.Open.WriteAsync(0, "on\nsleep 1h\n"u8.ToArray(), cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.Equal(3, await write);
        Assert.Equal("on", _lamp.State);
    }
}
