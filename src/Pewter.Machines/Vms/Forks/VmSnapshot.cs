using System.Text.Json.Nodes;
using Pewter.Linux.Processes;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms.Forks;

/// <summary>
/// Takes the state of a running machine: its devices into a small file, its memory into that of a <see
/// cref="ForkGroup"/>.
/// </summary>
internal static class VmSnapshot
{
    /// <summary>
    /// Stops the machine, saves it and lets it go on. It stands still for as long as its memory takes to be copied,
    /// some 30 ms for 100 MB.
    /// </summary>
    /// <param name="process">The machine's QEMU.</param>
    /// <param name="monitor">Its monitor.</param>
    /// <param name="memoryPath">The file that it has its memory in, as it was named when it was started.</param>
    /// <param name="group">Where the memory goes.</param>
    /// <param name="statePath">Where the devices' state goes.</param>
    /// <param name="meanwhile">What else must be done while it stands still, such as cloning its disk.</param>
    /// <param name="cancellation">Ends it; the machine goes on.</param>
    /// <returns>Bytes of memory copied.</returns>
    public static async Task<long> TakeAsync(
        VmProcess process,
        QmpClient monitor,
        string memoryPath,
        ForkGroup group,
        string statePath,
        Func<Task>? meanwhile,
        CancellationToken cancellation)
    {
        // Without the section for memory, which is copied as it lies there; the machine that takes it over has the same
        // devices.
        await monitor.ExecuteAsync("stop", null, cancellation);
        try
        {
            var save = monitor.ExecuteAsync(
                "xen-save-devices-state", new JsonObject { ["filename"] = statePath, ["live"] = true }, cancellation);
            var copied = await Task.Run(() => Copy(process, memoryPath, group), cancellation);
            await save;
            if (meanwhile is not null)
            {
                await meanwhile();
            }

            return copied;
        }
        finally
        {
            await monitor.ExecuteAsync("cont", null, CancellationToken.None);
        }
    }

    private static long Copy(VmProcess process, string memoryPath, ForkGroup group)
    {
        var memory = MappedFile.Find(process.Id, memoryPath)
            ?? throw new FileException(Errno.EOPNOTSUPP, "the machine was started without memory that can be copied.");
        using var target = File.OpenHandle(group.MemoryPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        return memory.CopyTo(target);
    }
}
