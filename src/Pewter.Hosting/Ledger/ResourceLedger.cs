using System.Buffers;
using System.Text.Json;
using Pewter.Store;

namespace Pewter.Hosting.Ledger;

/// <summary>
/// What the services have made in the kernel. A resource is recorded before it is made and forgotten after it is gone, so that after any crash
/// <c>pewter clean</c> knows all of them, and sometimes one that was never made. Kept in the store; may be used from any thread.
/// </summary>
public sealed class ResourceLedger
{
    private const string EntityKind = "kernel-resource";

    private readonly StateStore _store;

    /// <summary>The ledger in a store.</summary>
    public ResourceLedger(StateStore store) => _store = store;

    /// <summary>Records resources that are about to be made; durable when it returns.</summary>
    public async ValueTask RecordAsync(CancellationToken cancellation, params IEnumerable<KernelResource> resources)
    {
        var batch = new CommitBatch();
        Record(batch, resources);
        await _store.CommitAsync(batch, cancellation);
    }

    /// <summary>Forgets resources that are gone.</summary>
    public async ValueTask ForgetAsync(CancellationToken cancellation, params IEnumerable<KernelResource> resources)
    {
        var batch = new CommitBatch();
        Forget(batch, resources);
        await _store.CommitAsync(batch, cancellation);
    }

    /// <summary>Adds to a service's own commit that it is about to make resources.</summary>
    public static void Record(CommitBatch batch, IEnumerable<KernelResource> resources)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var resource in resources)
        {
            batch.Put(EntityKind, resource.Id, Write(resource));
        }
    }

    /// <summary>Adds to a service's own commit that resources are gone.</summary>
    public static void Forget(CommitBatch batch, IEnumerable<KernelResource> resources)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var resource in resources)
        {
            batch.Delete(EntityKind, resource.Id);
        }
    }

    /// <summary>All that is recorded, in the order of undoing.</summary>
    public async ValueTask<IReadOnlyList<KernelResource>> ListAsync(CancellationToken cancellation)
    {
        var resources = new List<KernelResource>();
        await foreach (var entity in _store.ReadAllAsync(EntityKind, cancellation))
        {
            resources.Add(Read(entity.Body));
        }

        // Mounts in mounts: the deeper one first.
        return [.. resources.OrderBy(resource => resource.Kind).ThenByDescending(resource => resource.Name, StringComparer.Ordinal)];
    }

    private static ReadOnlyMemory<byte> Write(KernelResource resource)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("kind", resource.Kind.ToString());
            json.WriteString("name", resource.Name);
            json.WriteString("service", resource.Service);
            json.WriteString("mark", resource.Mark);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static KernelResource Read(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
        return new KernelResource(Enum.Parse<KernelResourceKind>(Text("kind")), Text("name"), Text("service"), Text("mark"));
    }
}
