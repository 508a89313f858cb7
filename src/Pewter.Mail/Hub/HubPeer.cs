namespace Pewter.Mail;

/// <summary>A connection of a hub: a process of the node, or the trunk to another hub.</summary>
internal abstract class HubPeer(MailHub hub)
{
    protected MailHub Hub => hub;

    internal abstract FrameOutbox Outbox { get; }

    /// <summary>Takes every frame of a connection until it ends, however it ends.</summary>
    protected async Task ReadAsync(Stream stream, Action heard, CancellationToken cancellation)
    {
        var source = new FrameSource(hub.Options.Limits.MessageBytesMax);
        try
        {
            while (await stream.ReadAsync(source.Room, cancellation) is > 0 and var count)
            {
                source.Filled(count);
                heard();
                while (source.TryNext(out var header, out var body))
                {
                    Take(header, body);
                }
            }
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException or InvalidOperationException or OperationCanceledException)
        {
        }
    }

    protected abstract void Take(in FrameHeader header, ReadOnlySpan<byte> body);
}
