namespace Pewter.Messaging.Boxes;

/// <summary>
/// Messages that outlive their sender, their reader and the machine: one is kept when its sender is told so, and is
/// given again until its reader is done with it.
/// Implemented over the daemon's own store and over RabbitMQ; both pass the same kit.
/// </summary>
internal interface IDurableQueue : IAsyncDisposable
{
    /// <summary>Messages that wait; as far as it is known here.</summary>
    int Count { get; }

    /// <summary>Keeps a message: it is safe when this returns true. False: there is no room.</summary>
    ValueTask<bool> TryKeepAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <summary>The next message, the same again until <see cref="DoneAsync"/>; null at the end.</summary>
    ValueTask<byte[]?> TakeAsync(CancellationToken cancellation);

    /// <summary>The message that was given out is dealt with.</summary>
    ValueTask DoneAsync(CancellationToken cancellation);

    /// <summary>Forgets everything in it.</summary>
    ValueTask DropAllAsync(CancellationToken cancellation);

    /// <summary>Nothing more comes: who waits is told the end.</summary>
    void Close();
}
