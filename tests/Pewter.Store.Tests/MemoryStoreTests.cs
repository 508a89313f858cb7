using Pewter.Testing.Store;

namespace Pewter.Store.Tests;

public sealed class MemoryStoreTests : StoreConformance
{
    private readonly MemoryDisk _disk = new();

    protected override StateStore Open(StoreLimits? limits = null) => StateStore.OpenMemory(_disk, limits);
}
