using System.Diagnostics;
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
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is missing, which makes the guest's program: run 'apt-get install gcc'.");
        var program = Path.Combine(Path.GetTempPath(), $"pw-tipc-{Environment.ProcessId}");
        try
        {
            Compile(program);
            await using var guest = await Guest.BootAsync(new GuestOptions
            {
                Kernel = "cloud-6.1", Modules = ["tipc"], Files = new Dictionary<string, string> { ["/script"] = program }, UserNetwork = false,
            });
            var kernel = Facts((await guest.MustRunAsync("/script")).Split('\n'));
            var ours = Facts(await TipcScript.RunAsync());
            Assert.Equal(kernel.Keys.Order(), ours.Keys.Order());
            foreach (var (name, seen) in kernel)
            {
                var (expected, own) = Differences.GetValueOrDefault(name, (seen, seen));
                Assert.Equal($"{name}: {expected} / {own}", $"{name}: {seen} / {ours[name]}");
            }
        }
        finally
        {
            File.Delete(program);
        }
    }

    [Fact]
    public async Task The_script_runs_against_ours_without_a_guest()
    {
        var facts = Facts(await TipcScript.RunAsync());
        Assert.Equal("5 5", facts["anycast same"]);
        Assert.Equal("joined data left", facts["group order"]);
    }

    private static void Compile(string program)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Oracle", "script.c");
        using var gcc = Process.Start("gcc", ["-O1", "-static", "-o", program, source]);
        gcc.WaitForExit();
        Assert.Equal(0, gcc.ExitCode);
    }

    private static Dictionary<string, string> Facts(IEnumerable<string> lines) => lines.Select(line => line.Trim())
        .Where(line => line.Contains(": ", StringComparison.Ordinal))
        .Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
