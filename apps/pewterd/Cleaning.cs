using Pewter.Hosting.Ledger;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Namespaces;
using Pewter.Store;

namespace Pewter.Daemon;

/// <summary>
/// <c>pewterd clean</c>: with the state to itself, undoes what the ledger has, and then looks for each of it again: what is left is
/// listed, and is a failure; so is a namespace of its cells that anything on the machine is still in or holds.
/// </summary>
internal static class Cleaning
{
    /// <summary>A daemon that leads says so at once; one that just died takes the database a moment to notice.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    // The service under which the ledger has the cgroup of a cell.
    private const string Cell = "cell";

    public static async Task<int> RunAsync(DaemonConfig config)
    {
        var settings = config.Loader.Load();
        var paths = config.Paths.WithState(settings.Text("state"));
        var connection = DaemonStore.Connection(settings);
        if (connection is null && !Directory.Exists(DaemonStore.Place(paths)))
        {
            await Console.Error.WriteLineAsync($"pewterd: {paths.State} holds no state; nothing to clean");
            return 0;
        }

        await using var store = DaemonStore.Open(paths, connection);
        await LeadAsync(store);
        var ledger = new ResourceLedger(store);
        var cleaner = new ResourceCleaner();
        var recorded = await ledger.ListAsync(CancellationToken.None);

        // What is not here may be another machine's, where the store is shared.
        var own = connection is null ? recorded : [.. recorded.Where(cleaner.Exists)];
        using var namespaces = NamespacesOf(own);
        var results = own.Select(resource => Clean(cleaner, resource, config.IsDryRun)).ToList();
        if (!config.IsDryRun)
        {
            await ledger.ForgetAsync(CancellationToken.None, own.Where(resource => !cleaner.Exists(resource)));
        }

        var left = own.Count(cleaner.Exists);
        if (!config.IsDryRun && await HoldersAsync(namespaces) is { Count: > 0 } holders)
        {
            results.AddRange(holders.Select(holder => new CleanedResource(
                new KernelResource(KernelResourceKind.Namespace, holder[..holder.IndexOf(": ", StringComparison.Ordinal)], "node"), "left", holder)));
            left += holders.Count;
        }

        await CleaningReport.WriteAsync(Console.Out, settings.Text("output") ?? "table", results);
        await Console.Error.WriteLineAsync($"{results.Count} recorded, {results.Count - left} gone, {left} left");
        return left == 0 || config.IsDryRun ? 0 : 1;
    }

    /// <summary>
    /// The namespaces of all that runs in cells, as it is before anything is undone. Other programs of a daemon stand in the namespaces that it was
    /// started in itself, which are somebody else's.
    /// </summary>
    private static NamespaceWatch NamespacesOf(IEnumerable<KernelResource> resources)
    {
        var watch = new NamespaceWatch();
        var hierarchies = CgroupHierarchies.Read();
        foreach (var resource in resources.Where(resource => resource is { Kind: KernelResourceKind.Cgroup, Service: Cell }))
        {
            using var group = Cgroup.Find(hierarchies, resource.Name);
            foreach (var process in group.TreeMembers())
            {
                watch.Add(process);
            }
        }

        return watch;
    }

    // A killed process takes a moment to leave its namespaces.
    private static async Task<IReadOnlyList<string>> HoldersAsync(NamespaceWatch namespaces)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while (true)
        {
            var holders = namespaces.Count == 0 ? [] : namespaces.Holders();
            if (holders.Count == 0 || time.GetElapsedTime(began) > Patience)
            {
                return holders;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None);
        }
    }

    private static async Task LeadAsync(StateStore store)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await store.LeadAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new IOException("another daemon leads this store, so what it has made is in use; stop it first.");
        }
    }

    private static CleanedResource Clean(ResourceCleaner cleaner, KernelResource resource, bool isDryRun)
    {
        if (!cleaner.Exists(resource))
        {
            return new CleanedResource(resource, "gone", null);
        }

        if (isDryRun)
        {
            return new CleanedResource(resource, "would remove", null);
        }

        try
        {
            cleaner.Remove(resource);
            return new CleanedResource(resource, "removed", null);
        }
        catch (Exception exception) when (exception is LinuxException or IOException or UnauthorizedAccessException)
        {
            return new CleanedResource(resource, "left", exception.Message);
        }
    }
}
