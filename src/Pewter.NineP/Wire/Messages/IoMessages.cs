namespace Pewter.NineP.Wire;

/// <summary>fid[4] offset[8] count[4].</summary>
internal readonly ref struct Tread : IMessage<Tread>
{
    public static MessageType Type => MessageType.Tread;

    public uint Fid { get; init; }
    public ulong Offset { get; init; }
    public uint Count { get; init; }

    public int Size => 16;

    public static Tread Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Offset = reader.ReadUInt64(),
        Count = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt64(Offset);
        writer.WriteUInt32(Count);
    }
}

/// <summary>count[4] data[count].</summary>
internal readonly ref struct Rread : IMessage<Rread>
{
    public static MessageType Type => MessageType.Rread;

    public ReadOnlySpan<byte> Data { get; init; }

    public int Size => 4 + Data.Length;

    public static Rread Read(scoped ref MessageReader reader) => new() { Data = reader.ReadData() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteData(Data);
    }
}

/// <summary>fid[4] offset[8] count[4] data[count].</summary>
internal readonly ref struct Twrite : IMessage<Twrite>
{
    public static MessageType Type => MessageType.Twrite;

    public uint Fid { get; init; }
    public ulong Offset { get; init; }
    public ReadOnlySpan<byte> Data { get; init; }

    public int Size => 12 + 4 + Data.Length;

    public static Twrite Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Offset = reader.ReadUInt64(),
        Data = reader.ReadData(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt64(Offset);
        writer.WriteData(Data);
    }
}

/// <summary>count[4].</summary>
internal readonly ref struct Rwrite : IMessage<Rwrite>
{
    public static MessageType Type => MessageType.Rwrite;

    public uint Count { get; init; }

    public int Size => 4;

    public static Rwrite Read(scoped ref MessageReader reader) => new() { Count = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Count);
    }
}

/// <summary>fid[4] datasync[4]; older clients leave datasync out.</summary>
internal readonly ref struct Tfsync : IMessage<Tfsync>
{
    public static MessageType Type => MessageType.Tfsync;

    public uint Fid { get; init; }
    public uint DataOnly { get; init; }

    public int Size => 8;

    public static Tfsync Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32(), DataOnly = reader.ReadOptionalUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt32(DataOnly);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rfsync : IMessage<Rfsync>
{
    public static MessageType Type => MessageType.Rfsync;

    public int Size => 0;

    public static Rfsync Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}

/// <summary>fid[4] offset[8] count[4].</summary>
internal readonly ref struct Treaddir : IMessage<Treaddir>
{
    public static MessageType Type => MessageType.Treaddir;

    public uint Fid { get; init; }
    public ulong Offset { get; init; }
    public uint Count { get; init; }

    public int Size => 16;

    public static Treaddir Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Offset = reader.ReadUInt64(),
        Count = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt64(Offset);
        writer.WriteUInt32(Count);
    }
}

/// <summary>count[4] { qid[13] offset[8] dtype[1] name[s] }….</summary>
internal readonly ref struct Rreaddir : IMessage<Rreaddir>
{
    public static MessageType Type => MessageType.Rreaddir;

    public ReadOnlySpan<byte> Data { get; init; }

    public int Size => 4 + Data.Length;

    public static Rreaddir Read(scoped ref MessageReader reader) => new() { Data = reader.ReadData() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteData(Data);
    }
}
