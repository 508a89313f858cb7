using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Tests.Layers;

/// <summary>A store in a directory that goes with the test.</summary>
public sealed class TemporaryStore : IAsyncDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-store-").FullName;

    public LayerStore Store { get; private set; } = null!;

    public static async Task<TemporaryStore> OpenAsync()
    {
        var temporary = new TemporaryStore();
        temporary.Store = await LayerStore.OpenAsync(temporary.Path);
        return temporary;
    }

    public async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await LayerStore.OpenAsync(Path);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(Path, recursive: true);
    }
}
