using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pewter.Mail;
using Pewter.Store;

namespace Pewter.Messaging.Boxes;

/// <summary>What is durable about mail: the records of mailboxes that stay, and the messages of durable ones.</summary>
internal sealed class BoxJournal(StateStore store)
{
    private const string BoxKind = "mail-box";
    private const string MessageKind = "mail-message";
    private const string NumberKind = "mail-number";
    private const string GrantKind = "mail-grant";

    internal async ValueTask<IReadOnlyList<BoxRecord>> LoadAsync(CancellationToken cancellation)
    {
        var records = new List<BoxRecord>();
        await foreach (var stored in store.ReadAllAsync(BoxKind, cancellation))
        {
            records.Add(JsonSerializer.Deserialize(stored.Body.Span, BoxJson.Default.BoxRecord)!);
        }

        return [.. records.OrderBy(record => record.Number)];
    }

    /// <summary>The messages that nobody has taken, by their mailboxes, the oldest first.</summary>
    internal async ValueTask<ILookup<long, (long Sequence, byte[] Body)>> LoadMessagesAsync(CancellationToken cancellation)
    {
        var all = new List<(long Box, long Sequence, byte[] Body)>();
        await foreach (var stored in store.ReadAllAsync(MessageKind, cancellation))
        {
            var body = stored.Body.ToArray();
            all.Add((BinaryPrimitives.ReadInt64LittleEndian(body), BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(8)), body[16..]));
        }

        return all.OrderBy(message => message.Sequence).ToLookup(message => message.Box, message => (message.Sequence, message.Body));
    }

    /// <summary>What name spaces let others see.</summary>
    internal async ValueTask<IReadOnlyList<MailGrant>> LoadGrantsAsync(CancellationToken cancellation)
    {
        var grants = new List<MailGrant>();
        await foreach (var stored in store.ReadAllAsync(GrantKind, cancellation))
        {
            var words = Encoding.UTF8.GetString(stored.Body.Span).Split('\n');
            grants.Add(new MailGrant(words[0], MailTarget.Parse(words[1]), words[2]));
        }

        return grants;
    }

    internal async ValueTask SaveAsync(MailGrant grant, CancellationToken cancellation) => (await store.CommitAsync(
        new CommitBatch().Put(GrantKind, Id(grant), Text(grant)), cancellation)).OrThrow();

    internal async ValueTask ForgetAsync(MailGrant grant, CancellationToken cancellation) =>
        (await store.CommitAsync(new CommitBatch().Delete(GrantKind, Id(grant)), cancellation)).OrThrow();

    /// <summary>The next number of a message; never given twice.</summary>
    internal ValueTask<long> NextAsync(CancellationToken cancellation) => store.NextIdAsync(NumberKind, cancellation);

    internal async ValueTask SaveAsync(BoxRecord record, CancellationToken cancellation) => (await store.CommitAsync(
        new CommitBatch().Put(BoxKind, Id(record.Number), Bytes(record)), cancellation)).OrThrow();

    internal async ValueTask ForgetAsync(long box, CancellationToken cancellation) =>
        (await store.CommitAsync(new CommitBatch().Delete(BoxKind, Id(box)), cancellation)).OrThrow();

    internal async ValueTask DropAllAsync(IReadOnlyList<long> messages, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        foreach (var message in messages)
        {
            batch.Delete(MessageKind, Id(message));
        }

        if (messages.Count > 0)
        {
            (await store.CommitAsync(batch, cancellation)).OrThrow();
        }
    }

    internal async ValueTask KeepAsync(long box, long sequence, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var stored = new byte[16 + body.Length];
        BinaryPrimitives.WriteInt64LittleEndian(stored, box);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(8), sequence);
        body.CopyTo(stored.AsMemory(16));
        (await store.CommitAsync(new CommitBatch().Put(MessageKind, Id(sequence), stored), cancellation)).OrThrow();
    }

    internal async ValueTask DropAsync(long sequence, CancellationToken cancellation) =>
        (await store.CommitAsync(new CommitBatch().Delete(MessageKind, Id(sequence)), cancellation)).OrThrow();

    private static byte[] Bytes(BoxRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, BoxJson.Default.BoxRecord);

    private static byte[] Text(MailGrant grant) => Encoding.UTF8.GetBytes($"{grant.Owner}\n{grant.Target}\n{grant.Tenant}");

    private static string Id(MailGrant grant) => Convert.ToHexStringLower(SHA256.HashData(Text(grant)));

    private static string Id(long number) => number.ToString(CultureInfo.InvariantCulture);
}
