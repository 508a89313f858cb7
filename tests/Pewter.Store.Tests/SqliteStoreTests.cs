using Pewter.Testing.Store;

namespace Pewter.Store.Tests;

public sealed class SqliteStoreTests : StoreConformance, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    protected override StateStore Open(StoreLimits? limits = null) => StateStore.OpenDirectory(_directory.Path, limits);
}
