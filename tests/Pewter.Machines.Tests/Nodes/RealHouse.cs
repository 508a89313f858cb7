using Pewter.Hosting.Ledger;
using Pewter.Linux.Cgroups;
using Pewter.Machines.Nodes;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Machines.Tests.Nodes;

/// <summary>
/// A directory, a store and the daemons that come and go over it, with real agents. Whatever is left at the end is a failure, and taken away.
/// </summary>
internal sealed class RealHouse : IAsyncDisposable
{
    private readonly string _agent = RealAgent.Demand();
    private readonly MemoryDisk _disk = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("pw").FullName;

    /// <summary>The daemon that runs now.</summary>
    public NodeHouse Daemon { get; private set; } = null!;

    public TreeClient Admin => Daemon.Admin;

    public static async Task<RealHouse> StartAsync(bool hasHost = false, NodeLimits? limits = null)
    {
        var house = new RealHouse();
        await house.RestartAsync(hasHost, limits);
        return house;
    }

    /// <summary>Another daemon over the same state; the one before must have been killed or disposed.</summary>
    public async Task RestartAsync(bool hasHost = false, NodeLimits? limits = null) => Daemon = await NodeHouse.StartAsync(
        new NodeServiceOptions { HasHost = hasHost, AgentPath = _agent, Limits = limits ?? new NodeLimits() }, _disk, null, _directory);

    /// <summary>Runs a shell command on a node and gives its output.</summary>
    public async Task<string> RunAsync(string node, string command)
    {
        var (id, ctl) = await Admin.CloneAsync($"/node/{node}/proc");
        await using (ctl)
        {
            await ctl.TryCommandAsync(RcQuoting.Join(["exec", "/bin/sh", "-c", command]));
            return await Admin.ReadTextAsync($"/node/{node}/proc/{id}/stdout");
        }
    }

    /// <summary>What the ledger has that is really there.</summary>
    public async Task<IReadOnlyList<string>> LeftAsync()
    {
        var cleaner = new ResourceCleaner();
        return [.. (await Daemon.Ledger.ListAsync(default)).Where(cleaner.Exists).Select(resource => $"{resource.Kind} {resource.Name}")];
    }

    public async ValueTask DisposeAsync()
    {
        var cleaner = new ResourceCleaner();
        var resources = await Daemon.Ledger.ListAsync(default);
        await Daemon.DisposeAsync();
        foreach (var resource in resources)
            cleaner.Remove(resource);
        Assert.DoesNotContain(resources, cleaner.Exists);
        var parent = Directory.EnumerateFiles(Path.Combine(_directory, "node"));
        Assert.Empty(parent);
        RemoveParents();
        Directory.Delete(_directory, true);
    }

    // The cgroup that cells stand in is made with the first of them and kept for the next.
    private void RemoveParents()
    {
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(_directory));
        foreach (var end in (string[])["-cells", "-agent", ""])
        {
            using var group = Cgroup.Find(CgroupHierarchies.Read(), $"pewter-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}{end}");
            group.DeleteTree();
        }
    }
}
