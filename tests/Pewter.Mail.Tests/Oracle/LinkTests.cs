using Pewter.Testing.Guests;

namespace Pewter.Mail.Tests.Oracle;

/// <summary>
/// The second script, between two nodes whose link is cut and healed, against the kernel's TIPC in two guests and against ours. What differs is
/// listed here, and in docs/mail-and-tipc.md with its reason.
/// </summary>
public sealed class LinkTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    /// <summary>Ours on purpose, by the line's name.</summary>
    private static readonly Dictionary<string, (string Kernel, string Ours)> Differences = new()
    {
        ["cut, under way"] = ("reason 0", "reason 3"),
        ["cut, to the mailbox"] = ("113, reason 0", "0, reason 3"),
    };

    [Fact]
    public async Task Ours_fails_and_heals_as_the_kernels_TIPC_does_except_where_it_is_said()
    {
        using var program = GuestProgram.Compile("pair.c");
        var kernel = Facts.Of(await RunGuestsAsync(program.Path));
        Facts.Compare(kernel, Facts.Of(await LinkScript.RunAsync()), Differences);
    }

    [Fact]
    public async Task The_script_runs_against_ours_without_guests()
    {
        var facts = Facts.Of(await LinkScript.RunAsync());
        Assert.Equal("100 in order", facts["order"]);
        Assert.Equal("reason 3", facts["cut, under way"]);
    }

    private static async Task<IEnumerable<string>> RunGuestsAsync(string program)
    {
        using var cable = new GuestCable();
        var guests = await Task.WhenAll(BootAsync(0), BootAsync(1));
        await using var asker = guests[0];
        await using var server = guests[1];
        foreach (var guest in guests)
            await guest.MustRunAsync("ip link set eth0 up && tipc bearer enable media eth device eth0", Long);
        await server.MustRunAsync("(/pair serve > /tmp/log 2>&1 &)");
        await asker.MustRunAsync("(/pair ask > /tmp/log 2>&1 &)");
        await AwaitAsync("cut?");
        cable.Cut();
        await asker.MustRunAsync("touch /tmp/cut");
        await AwaitAsync("heal?");
        cable.Heal();
        await asker.MustRunAsync("touch /tmp/healed");
        await AwaitAsync("end");
        return (await asker.MustRunAsync("cat /tmp/log")).Split('\n');

        async Task<Guest> BootAsync(int end) => await Guest.BootAsync(new GuestOptions
        {
            Kernel = "cloud-6.1", Modules = ["virtio_net", "tipc"], UserNetwork = false, QemuArguments = cable.Card(end),
            Files = new Dictionary<string, string> { ["/pair"] = program, ["/sbin/tipc"] = "/sbin/tipc" },
        });

        Task AwaitAsync(string line) =>
            asker.MustRunAsync($"until grep -q '^{line}' /tmp/log; do sleep 0.1; done", Long);
    }
}
