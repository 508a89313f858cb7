using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Pewter.Linux;
using Pewter.Mail;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Pewter.Messaging.Boxes;

/// <summary>
/// A durable mailbox as a quorum queue of RabbitMQ: kept by a majority of the broker's nodes. A message is safe when the broker has confirmed
/// it, and is acknowledged when its reader is done with it.
/// </summary>
/// <remarks>
/// When its node of the broker dies the client goes to another. What was not confirmed then is sent again under the same number, and what was
/// not acknowledged is given again; so the broker may have a message twice, and the second is known by its number and passed over.
/// </remarks>
internal sealed class RabbitQueue : IDurableQueue
{
    /// <summary>A quorum has a new leader within a few seconds; beyond this there is no majority.</summary>
    internal static readonly TimeSpan ConfirmMax = TimeSpan.FromSeconds(30);

    // Copies of a message are as far apart as messages that are sent at once.
    private const int RememberedMax = 4096;
    private const int HeartbeatSeconds = 10;
    private static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly TimeSpan _confirmMax;
    private readonly CancellationTokenSource _stop = new();
    private readonly string _origin = Guid.NewGuid().ToString("N");
    private readonly Channel<Delivery> _waiting = System.Threading.Channels.Channel.CreateUnbounded<Delivery>();
    private readonly ConcurrentDictionary<string, byte> _done = new(StringComparer.Ordinal);
    private readonly Queue<string> _doneInOrder = new();
    private Delivery? _given;
    private long _last;

    private RabbitQueue(IConnection connection, IChannel channel, string name, TimeProvider time, TimeSpan confirmMax) =>
        (_connection, _channel, _name, _time, _confirmMax) = (connection, channel, name, time, confirmMax);

    public int Count => _waiting.Reader.Count;

    /// <summary>The port of the broker's node that it is connected to.</summary>
    internal int Port => _connection.Endpoint.Port;

    /// <summary>Opens the queue of a name, making it when there is none.</summary>
    /// <param name="nodes">The broker's nodes, such as <c>amqp://guest:guest@localhost:5672</c>; any of them is taken.</param>
    /// <param name="name">The queue's name on the broker.</param>
    /// <param name="time">The clock of deadlines.</param>
    /// <param name="confirmMax">How long the broker may take to confirm a message, deaths of its nodes included.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async ValueTask<RabbitQueue> OpenAsync(
        IReadOnlyList<Uri> nodes, string name, TimeProvider time, TimeSpan confirmMax, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory
        {
            Uri = nodes[0], AutomaticRecoveryEnabled = true, NetworkRecoveryInterval = Again, ClientProvidedName = "pewter mail",
            RequestedHeartbeat = TimeSpan.FromSeconds(HeartbeatSeconds),
        };
        var endpoints = nodes.Select(node => new AmqpTcpEndpoint(node)).ToList();
        var connection = await factory.CreateConnectionAsync(endpoints, cancellation);
        var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        var channel = await connection.CreateChannelAsync(options, cancellation);
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);

        // One at a time, so that several readers on several machines share what comes.
        await channel.BasicQosAsync(0, 1, global: false, cancellation);
        var queue = new RabbitQueue(connection, channel, name, time, confirmMax);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var number = delivery.BasicProperties.MessageId;
            queue._waiting.Writer.TryWrite(new Delivery(delivery.DeliveryTag, number, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(name, autoAck: false, consumer, cancellation);
        return queue;
    }

    /// <exception cref="MailException">EHOSTDOWN: the broker has confirmed nothing in time, and may have kept the message or not.</exception>
    public async ValueTask<bool> TryKeepAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var number = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, MessageId = $"{_origin}.{number}" };
        using var limit = new CancellationTokenSource(_confirmMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation, _stop.Token);
        try
        {
            while (true)
            {
                try
                {
                    await _channel.BasicPublishAsync("", _name, mandatory: true, properties, body, either.Token);
                    return true;
                }
                catch (PublishException)
                {
                    // The broker has refused it.
                    return false;
                }
                catch (Exception away) when (away is OperationInterruptedException or IOException or ObjectDisposedException)
                {
                    await Task.Delay(Again, _time, either.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new MailException(LinuxErrno.EHOSTDOWN, "The broker does not confirm the message and may have kept it or not: see its nodes.");
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

            if (!_waiting.Reader.TryRead(out var next))
            {
                continue;
            }

            if (next.Number is { } number && _done.ContainsKey(number))
            {
                await AcknowledgeAsync(next, cancellation);
            }
            else
            {
                _given = next;
            }
        }

        return _given.Body;
    }

    public async ValueTask DoneAsync(CancellationToken cancellation)
    {
        if (_given is not { } given)
        {
            return;
        }

        _given = null;
        if (given.Number is { } number && _done.TryAdd(number, 0))
        {
            _doneInOrder.Enqueue(number);
            if (_doneInOrder.Count > RememberedMax)
            {
                _done.TryRemove(_doneInOrder.Dequeue(), out _);
            }
        }

        await AcknowledgeAsync(given, cancellation);
    }

    public async ValueTask DropAllAsync(CancellationToken cancellation) => await _channel.QueueDeleteAsync(_name, cancellationToken: cancellation);

    public void Close()
    {
        _waiting.Writer.TryComplete();
        _stop.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Close();

        // A broker that is gone is not waited for.
        await _connection.AbortAsync(GoodbyeMax);
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    // An acknowledgement that is lost with its connection is of no matter: the message comes again, and is known.
    private async ValueTask AcknowledgeAsync(Delivery delivery, CancellationToken cancellation)
    {
        try
        {
            await _channel.BasicAckAsync(delivery.Tag, multiple: false, cancellation);
        }
        catch (Exception away) when (away is OperationInterruptedException or IOException or ObjectDisposedException)
        {
        }
    }

    private sealed record Delivery(ulong Tag, string? Number, byte[] Body);
}
