using Pewter.Hosting.Ledger;
using Pewter.Linux;
using Pewter.Store;

namespace Pewter.Daemon;

/// <summary>
/// <c>pewterd clean</c>: with the state directory to itself, undoes what the ledger has, and then looks for each of it again: what is left is
/// listed, and is a failure.
/// </summary>
internal static class Cleaning
{
    public static async Task<int> RunAsync(DaemonConfig config)
    {
        var settings = config.Loader.Load();
        var state = config.Paths.WithState(settings.Text("state")).State;
        var place = Path.Combine(state, "store");
        if (!Directory.Exists(place))
        {
            await Console.Error.WriteLineAsync($"pewterd: {state} holds no state; nothing to clean");
            return 0;
        }

        await using var store = StateStore.OpenDirectory(place);
        await store.LeadAsync(CancellationToken.None);
        var ledger = new ResourceLedger(store);
        var cleaner = new ResourceCleaner();
        var recorded = await ledger.ListAsync(CancellationToken.None);
        var results = recorded.Select(resource => Clean(cleaner, resource, config.IsDryRun)).ToList();
        if (!config.IsDryRun)
        {
            await ledger.ForgetAsync(CancellationToken.None, recorded.Where(resource => !cleaner.Exists(resource)));
        }

        var left = recorded.Where(cleaner.Exists).ToList();
        await CleaningReport.WriteAsync(Console.Out, settings.Text("output") ?? "table", results);
        await Console.Error.WriteLineAsync($"{results.Count} recorded, {results.Count - left.Count} gone, {left.Count} left");
        return left.Count == 0 || config.IsDryRun ? 0 : 1;
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
