namespace Pewter.NineP.Wire;

/// <summary>fid[4] newfid[4] name[s].</summary>
internal readonly ref struct Txattrwalk : IMessage<Txattrwalk>
{
    public static MessageType Type => MessageType.Txattrwalk;

    public uint Fid { get; init; }
    public uint NewFid { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }

    public int Size => 8 + 2 + Name.Length;

    public static Txattrwalk Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        NewFid = reader.ReadUInt32(),
        Name = reader.ReadText(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt32(NewFid);
        writer.WriteText(Name);
    }
}

/// <summary>size[8].</summary>
internal readonly ref struct Rxattrwalk : IMessage<Rxattrwalk>
{
    public static MessageType Type => MessageType.Rxattrwalk;

    public ulong ValueSize { get; init; }

    public int Size => 8;

    public static Rxattrwalk Read(scoped ref MessageReader reader) => new() { ValueSize = reader.ReadUInt64() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt64(ValueSize);
    }
}

/// <summary>fid[4] name[s] size[8] flags[4].</summary>
internal readonly ref struct Txattrcreate : IMessage<Txattrcreate>
{
    public static MessageType Type => MessageType.Txattrcreate;

    public uint Fid { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public ulong ValueSize { get; init; }
    public uint Flags { get; init; }

    public int Size => 16 + 2 + Name.Length;

    public static Txattrcreate Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Name = reader.ReadText(),
        ValueSize = reader.ReadUInt64(),
        Flags = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteText(Name);
        writer.WriteUInt64(ValueSize);
        writer.WriteUInt32(Flags);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rxattrcreate : IMessage<Rxattrcreate>
{
    public static MessageType Type => MessageType.Rxattrcreate;

    public int Size => 0;

    public static Rxattrcreate Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}
