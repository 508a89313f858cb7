using System.Text;
using Pewter.Linux;
using Pewter.Linux.Cells;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Confinement;
using Pewter.Linux.Processes;
using Pewter.NineP.Serving;
using Pewter.Node.Processes;

namespace Pewter.Apps.Node;

/// <summary>Process 1 of a cell: makes the cell's world, tells its launcher, and serves until it is killed.</summary>
internal static class CellMode
{
    private const long SpoolBytes = 4L << 20;

    internal static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            var setup = CellSetup.Parse(arguments, out _);
            ProcessControl.NameThread("pewter-node");
            CellRoot.Enter(setup);
            await using var agent = new Agent(Options(), "/", null, "stop");

            // The socket's path is the launcher's, outside the cell's root, and the users out there are none that the cell can name.
            agent.Listen(CellSetup.ListenDescriptor, Caller.System);
            await using var reaper = new Reaper(agent.Supervisor, TimeProvider.System);
            Descriptors.Close(CellSetup.ReadyDescriptor);
            return await agent.RunAsync();
        }
        catch (Exception failure) when (failure is LinuxException or IOException or UnauthorizedAccessException)
        {
            _ = Descriptors.Write(CellSetup.ReadyDescriptor, Encoding.UTF8.GetBytes(failure.Message));
            return 1;
        }
    }

    private static SupervisorOptions Options() => new()
    {
        StateDirectory = "/run/pewter",
        CgroupName = MakeRoomForSessions() ? "s" : null,
        Output = new OutputLimits { SpoolBytes = SpoolBytes },
        Capabilities = CapabilitySet.Confined,
        Filter = SeccompFilter.Default,
    };

    // Version 2 lets a cgroup have either processes or children with controllers: the agent moves aside for its sessions.
    private static bool MakeRoomForSessions()
    {
        var hierarchies = CgroupHierarchies.Read();
        if (hierarchies.Unified is null && hierarchies.Version1.Count == 0)
        {
            return false;
        }

        if (hierarchies.UnifiedControllers.Count > 0)
        {
            using var aside = Cgroup.Create(hierarchies, "agent", CgroupLimits.None);
            File.WriteAllText($"{aside.UnifiedDirectory}/cgroup.procs", "0");
        }

        return true;
    }
}
