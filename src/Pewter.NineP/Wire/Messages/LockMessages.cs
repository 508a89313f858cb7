namespace Pewter.NineP.Wire;

/// <summary>fid[4] type[1] flags[4] start[8] length[8] proc_id[4] client_id[s].</summary>
internal readonly ref struct Tlock : IMessage<Tlock>
{
    public static MessageType Type => MessageType.Tlock;

    public uint Fid { get; init; }
    public byte Kind { get; init; }
    public uint Flags { get; init; }
    public ulong Start { get; init; }
    public ulong Length { get; init; }
    public uint ProcessId { get; init; }
    public ReadOnlySpan<byte> ClientId { get; init; }

    public int Size => 29 + 2 + ClientId.Length;

    public static Tlock Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Kind = reader.ReadByte(),
        Flags = reader.ReadUInt32(),
        Start = reader.ReadUInt64(),
        Length = reader.ReadUInt64(),
        ProcessId = reader.ReadUInt32(),
        ClientId = reader.ReadText(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteByte(Kind);
        writer.WriteUInt32(Flags);
        writer.WriteUInt64(Start);
        writer.WriteUInt64(Length);
        writer.WriteUInt32(ProcessId);
        writer.WriteText(ClientId);
    }
}

/// <summary>status[1].</summary>
internal readonly ref struct Rlock : IMessage<Rlock>
{
    public static MessageType Type => MessageType.Rlock;

    public byte Status { get; init; }

    public int Size => 1;

    public static Rlock Read(scoped ref MessageReader reader) => new() { Status = reader.ReadByte() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteByte(Status);
    }
}

/// <summary>fid[4] type[1] start[8] length[8] proc_id[4] client_id[s].</summary>
internal readonly ref struct Tgetlock : IMessage<Tgetlock>
{
    public static MessageType Type => MessageType.Tgetlock;

    public uint Fid { get; init; }
    public byte Kind { get; init; }
    public ulong Start { get; init; }
    public ulong Length { get; init; }
    public uint ProcessId { get; init; }
    public ReadOnlySpan<byte> ClientId { get; init; }

    public int Size => 25 + 2 + ClientId.Length;

    public static Tgetlock Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Kind = reader.ReadByte(),
        Start = reader.ReadUInt64(),
        Length = reader.ReadUInt64(),
        ProcessId = reader.ReadUInt32(),
        ClientId = reader.ReadText(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteByte(Kind);
        writer.WriteUInt64(Start);
        writer.WriteUInt64(Length);
        writer.WriteUInt32(ProcessId);
        writer.WriteText(ClientId);
    }
}

/// <summary>type[1] start[8] length[8] proc_id[4] client_id[s].</summary>
internal readonly ref struct Rgetlock : IMessage<Rgetlock>
{
    public static MessageType Type => MessageType.Rgetlock;

    public byte Kind { get; init; }
    public ulong Start { get; init; }
    public ulong Length { get; init; }
    public uint ProcessId { get; init; }
    public ReadOnlySpan<byte> ClientId { get; init; }

    public int Size => 21 + 2 + ClientId.Length;

    public static Rgetlock Read(scoped ref MessageReader reader) => new()
    {
        Kind = reader.ReadByte(),
        Start = reader.ReadUInt64(),
        Length = reader.ReadUInt64(),
        ProcessId = reader.ReadUInt32(),
        ClientId = reader.ReadText(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteByte(Kind);
        writer.WriteUInt64(Start);
        writer.WriteUInt64(Length);
        writer.WriteUInt32(ProcessId);
        writer.WriteText(ClientId);
    }
}
