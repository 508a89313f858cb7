using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Pewter.Messaging.Boxes;

/// <summary>
/// A durable mailbox as a quorum queue of RabbitMQ: kept by a majority of its nodes. A message is safe when the broker
/// has confirmed it, and is acknowledged when its reader is
/// done with it. The client's connection is made again by itself; what was not acknowledged then is given again.
/// </summary>
internal sealed class RabbitQueue : IDurableQueue
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _name;
    private readonly Channel<(ulong Tag, byte[] Body)> _waiting = System.Threading.Channels.Channel.CreateUnbounded<(ulong, byte[])>();
    private (ulong Tag, byte[] Body)? _given;

    private RabbitQueue(IConnection connection, IChannel channel, string name) => (_connection, _channel, _name) = (connection, channel, name);

    public int Count => _waiting.Reader.Count;

    /// <summary>Opens the queue of a name, making it when there is none.</summary>
    /// <param name="address">Such as <c>amqp://guest:guest@localhost:5672</c>.</param>
    /// <param name="name">The queue's name on the broker.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async ValueTask<RabbitQueue> OpenAsync(Uri address, string name, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = true, ClientProvidedName = "pewter mail" };
        var connection = await factory.CreateConnectionAsync(cancellation);
        var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        var channel = await connection.CreateChannelAsync(options, cancellation);
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);

        // One at a time, so that several readers on several machines share what comes.
        await channel.BasicQosAsync(0, 1, global: false, cancellation);
        var queue = new RabbitQueue(connection, channel, name);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            queue._waiting.Writer.TryWrite((delivery.DeliveryTag, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(name, autoAck: false, consumer, cancellation);
        return queue;
    }

    public async ValueTask<bool> TryKeepAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
            await _channel.BasicPublishAsync("", _name, mandatory: true, properties, body, cancellation);
            return true;
        }
        catch (PublishException)
        {
            // The broker has refused it, or has no majority to keep it.
            return false;
        }
    }

    public async ValueTask<byte[]?> TakeAsync(CancellationToken cancellation)
    {
        while (_given is null)
        {
            if (!await _waiting.Reader.WaitToReadAsync(cancellation))
            {
                return null;
            }

            if (_waiting.Reader.TryRead(out var next))
            {
                _given = next;
            }
        }

        return _given.Value.Body;
    }

    public async ValueTask DoneAsync(CancellationToken cancellation)
    {
        if (_given is { } given)
        {
            _given = null;
            await _channel.BasicAckAsync(given.Tag, multiple: false, cancellation);
        }
    }

    public async ValueTask DropAllAsync(CancellationToken cancellation) => await _channel.QueueDeleteAsync(_name, cancellationToken: cancellation);

    public void Close() => _waiting.Writer.TryComplete();

    public async ValueTask DisposeAsync()
    {
        Close();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
