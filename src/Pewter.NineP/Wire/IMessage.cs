namespace Pewter.NineP.Wire;

/// <summary>A message body. Spans in it borrow from the frame it was read from, or from whoever made it.</summary>
internal interface IMessage<T>
    where T : struct, IMessage<T>, allows ref struct
{
    /// <summary>Its number.</summary>
    static abstract MessageType Type { get; }

    /// <summary>Bytes of the body, at most.</summary>
    int Size { get; }

    /// <summary>Reads the body; whether it was well formed is <see cref="MessageReader.IsComplete"/>.</summary>
    static abstract T Read(scoped ref MessageReader reader);

    /// <summary>Writes the body.</summary>
    void Write(ref MessageWriter writer);
}
