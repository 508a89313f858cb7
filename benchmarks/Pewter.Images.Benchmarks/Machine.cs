using Pewter.Hosting;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Hosting.Logging;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Images.Benchmarks;

/// <summary>The image service on a durable store in a directory of its own, with a real disk server.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private readonly StateStore _store;
    private readonly EventJournal _events;
    private readonly ImageService _service;

    private Machine(string directory, StateStore store, EventJournal events, ImageService service, TreeDirectory root) =>
        (Directory, _store, _events, _service, Tree) = (directory, store, events, service, new TreeClient(root, Caller.System));

    public TreeClient Tree { get; }

    public string Directory { get; }

    /// <summary>Starts it; null when there is no disk server.</summary>
    public static async Task<Machine?> StartAsync()
    {
        if (FindServer() is not { } server)
        {
            return null;
        }

        var directory = System.IO.Directory.CreateTempSubdirectory("pw").FullName;
        var store = StateStore.OpenDirectory(Path.Combine(directory, "state"));
        await store.LeadAsync(default);
        var events = await EventJournal.OpenAsync(store, "{\"event\":\"up\"}"u8.ToArray(), default);
        var service = new ImageService(new ImageServiceOptions { BlockdPath = server });
        var root = new TreeDirectory();
        await service.StartAsync(
            new ServiceContext
            {
                Root = root, Store = store, Events = events, Ledger = new ResourceLedger(store),
                Log = new LogSink(TextWriter.Null, TimeProvider.System).For("image"), StateDirectory = directory, RunDirectory = directory,
                Time = TimeProvider.System, MachineName = "bench",
            },
            default);
        return new Machine(directory, store, events, service, root);
    }

    public async ValueTask DisposeAsync()
    {
        var resources = await new ResourceLedger(_store).ListAsync(default);
        await _service.DisposeAsync();
        await _events.DisposeAsync();
        await _store.DisposeAsync();
        var cleaner = new ResourceCleaner();
        foreach (var resource in resources.OrderBy(resource => resource.Kind != KernelResourceKind.Cgroup))
        {
            cleaner.Remove(resource);
        }

        System.IO.Directory.Delete(Directory, true);
    }

    private static string? FindServer()
    {
        if (Environment.GetEnvironmentVariable("PEWTER_BLOCKD") is { } named)
        {
            return named;
        }

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var built = Path.Combine(directory.FullName, "artifacts", "pewter-blockd", "pewter-blockd");
            if (File.Exists(built))
            {
                return built;
            }
        }

        return null;
    }
}
