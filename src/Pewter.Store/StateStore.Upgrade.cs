using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Pewter.Store;

public sealed partial class StateStore
{
    private const string SchemaKind = "$schema";

    /// <summary>
    /// Brings a service's state up to date: runs the steps above the number it has, one commit each, forward only. Call it after
    /// <see cref="LeadAsync"/> and before reading.
    /// </summary>
    /// <param name="service">Whose state; each service has a number of its own, from 0.</param>
    /// <param name="steps">All steps there ever were, numbered 1, 2, 3 …</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="StoreException">EPROTO: a newer version wrote the state.</exception>
    public async ValueTask UpgradeAsync(string service, IReadOnlyList<SchemaUpgrade> steps, CancellationToken cancellation)
    {
        for (var i = 0; i < steps.Count; i++)
            if (steps[i].Number != i + 1)
                throw new ArgumentException($"Step {i + 1} of {service} is numbered {steps[i].Number}.", nameof(steps));
        var key = new EntityKey(SchemaKind, service);
        var stored = await _backend.ReadAsync(key, cancellation);
        var (number, version) = stored is null ? (0, 0) : (Number(stored), stored.Version);
        if (number > steps.Count)
            throw Failures.NewerSchema($"The state of {service}", number, steps.Count);
        foreach (var step in steps.Skip(number))
        {
            var batch = new CommitBatch();
            await step.Apply(this, batch, cancellation);
            var body = Encoding.UTF8.GetBytes(step.Number.ToString(CultureInfo.InvariantCulture));
            batch.Add(key, OperationKind.Put, version, body);
            version = (await CommitCheckedAsync(batch, cancellation)).OrThrow().Revision;
        }
    }

    private static int Number(StoredEntity stored) =>
        Utf8Parser.TryParse(stored.Body.Span, out int number, out _)
            ? number
            : throw new StoreException(StoreErrno.EIO, $"The stored schema number {stored.Key} is not a number; the state is damaged.");
}
