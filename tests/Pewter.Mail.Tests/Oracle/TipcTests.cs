using Pewter.Testing.Guests;

namespace Pewter.Mail.Tests.Oracle;

/// <summary>
/// The same script against the kernel's TIPC in a guest and against ours. What differs is listed here, and in
/// docs/mail-and-tipc.md with its reason.
/// </summary>
public sealed class TipcTests
{
    /// <summary>Ours on purpose, by the line's name.</summary>
    private static readonly Dictionary<string, (string Kernel, string Ours)> Differences = new()
    {
        ["anycast overlapping"] = ("one range only", "fair"),
        ["66001 bytes"] = ("90", "0"),
        ["outsider"] = ("0", "113"),
    };

    [Fact]
    public async Task Ours_does_what_the_kernels_TIPC_does_except_where_it_is_said()
    {
        using var program = GuestProgram.Compile("script.c");
        await using var guest = await Guest.BootAsync(new GuestOptions
        {
            Kernel = "cloud-6.1", Modules = ["tipc"], Files = new Dictionary<string, string> { ["/script"] = program.Path }, UserNetwork = false,
        });
        var kernel = Facts.Of((await guest.MustRunAsync("/script")).Split('\n'));
        Facts.Compare(kernel, Facts.Of(await TipcScript.RunAsync()), Differences);
    }

    [Fact]
    public async Task The_script_runs_against_ours_without_a_guest()
    {
        var facts = Facts.Of(await TipcScript.RunAsync());
        Assert.Equal("5 5", facts["anycast same"]);
        Assert.Equal("joined data left", facts["group order"]);
    }
}
