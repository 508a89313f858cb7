using Pewter.Testing.Postgres;
using Pewter.Testing.Store;

namespace Pewter.Store.Tests;

public sealed class PostgresStoreTests(PostgresFixture postgres) : StoreConformance, IClassFixture<PostgresFixture>
{
    private static int s_count;

    private readonly string _schema = $"test{Interlocked.Increment(ref s_count)}";

    protected override StateStore Open(StoreLimits? limits = null) =>
        StateStore.OpenPostgres(postgres.ConnectionString, _schema, limits);
}
