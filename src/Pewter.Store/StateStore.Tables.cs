using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pewter.Store;

public sealed partial class StateStore
{
    /// <summary>
    /// Replays a kind into a table. Call it after leading and upgrading, before anything commits to the kind; one table a kind.
    /// </summary>
    /// <param name="kind">What the entities are called in the store.</param>
    /// <param name="json">The source-generated serialiser, such as <c>NodeJson.Default.NodeRecord</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StoreException">EIO: an entity cannot be read as a <typeparamref name="T"/>; the message names it.</exception>
    public async ValueTask<EntityTable<T>> LoadTableAsync<T>(string kind, JsonTypeInfo<T> json, CancellationToken cancellation)
        where T : class
    {
        EntityKey.CheckUserKind(kind, nameof(kind));
        var entities = ImmutableDictionary.CreateBuilder<string, Entity<T>>(StringComparer.Ordinal);
        await foreach (var stored in ReadAllAsync(kind, cancellation))
            entities.Add(stored.Key.Id, new Entity<T>(stored.Key.Id, stored.Version, Read(stored, json)));
        return new EntityTable<T>(this, kind, json, entities.ToImmutable());
    }

    private static T Read<T>(StoredEntity stored, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(stored.Body.Span, json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException failure)
        {
            throw new StoreException(
                StoreErrno.EIO,
                $"The stored {stored.Key} cannot be read: {failure.Message} Restore it, or run the version that wrote it.",
                inner: failure);
        }
    }
}
