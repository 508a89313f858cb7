using System.Diagnostics;
using Pewter.Apps.Node.Boot;
using Pewter.Node.Processes;

namespace Pewter.Apps.Node;

/// <summary>
/// The agent as a service of a machine that has an init of its own, such as Debian's: the same tree as that of a machine whose process 1 it is, and
/// the same identity from the host, but power is the init's.
/// </summary>
internal static class GuestMode
{
    private const long SpoolBytes = 16L << 20;

    // Where the programs are that ask an init, whichever it is, to turn the machine off.
    private static readonly string[] Places = ["/sbin", "/usr/sbin", "/bin", "/usr/bin"];

    internal static async Task<int> RunAsync()
    {
        var options = new SupervisorOptions
        {
            StateDirectory = "/run/pewter",
            CgroupName = "pewter-node",
            Output = new OutputLimits { SpoolBytes = SpoolBytes },
        };
        string reason;
        await using (var agent = new Agent(options, "/", null, GuestIdentity.AddCommands, "poweroff", "reboot"))
        {
            // A service that is told to stop before anybody has spoken to it stops.
            var opening = AgentDoor.OpenAsync(agent, TimeProvider.System);
            if (await Task.WhenAny(opening, agent.Over) == opening)
            {
                StandardStreams.Print($"pewter-node: serving on {await opening}");
            }

            await agent.RunAsync();
            reason = agent.Reason;
        }

        if (reason is "poweroff" or "reboot")
        {
            var program = Places.Select(place => $"{place}/{reason}").FirstOrDefault(File.Exists)
                ?? throw new IOException($"there is no program '{reason}' in {string.Join(", ", Places)}");
            using var asked = Process.Start(new ProcessStartInfo(program) { UseShellExecute = false });
            await asked!.WaitForExitAsync();
        }

        return 0;
    }
}
