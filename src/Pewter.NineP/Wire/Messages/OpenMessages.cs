namespace Pewter.NineP.Wire;

/// <summary>fid[4] mode[1], 9P2000.</summary>
internal readonly ref struct Topen : IMessage<Topen>
{
    public static MessageType Type => MessageType.Topen;

    public uint Fid { get; init; }
    public byte Mode { get; init; }

    public int Size => 5;

    public static Topen Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32(), Mode = reader.ReadByte() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteByte(Mode);
    }
}

/// <summary>qid[13] iounit[4].</summary>
internal readonly ref struct Ropen : IMessage<Ropen>
{
    public static MessageType Type => MessageType.Ropen;

    public Qid Qid { get; init; }
    public uint IoUnit { get; init; }

    public int Size => 17;

    public static Ropen Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid(), IoUnit = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
        writer.WriteUInt32(IoUnit);
    }
}

/// <summary>fid[4] name[s] perm[4] mode[1], 9P2000.</summary>
internal readonly ref struct Tcreate : IMessage<Tcreate>
{
    public static MessageType Type => MessageType.Tcreate;

    public uint Fid { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public uint Permissions { get; init; }
    public byte Mode { get; init; }

    public int Size => 9 + 2 + Name.Length;

    public static Tcreate Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Name = reader.ReadText(),
        Permissions = reader.ReadUInt32(),
        Mode = reader.ReadByte(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteText(Name);
        writer.WriteUInt32(Permissions);
        writer.WriteByte(Mode);
    }
}

/// <summary>qid[13] iounit[4].</summary>
internal readonly ref struct Rcreate : IMessage<Rcreate>
{
    public static MessageType Type => MessageType.Rcreate;

    public Qid Qid { get; init; }
    public uint IoUnit { get; init; }

    public int Size => 17;

    public static Rcreate Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid(), IoUnit = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
        writer.WriteUInt32(IoUnit);
    }
}

/// <summary>fid[4] flags[4].</summary>
internal readonly ref struct Tlopen : IMessage<Tlopen>
{
    public static MessageType Type => MessageType.Tlopen;

    public uint Fid { get; init; }
    public uint Flags { get; init; }

    public int Size => 8;

    public static Tlopen Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32(), Flags = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt32(Flags);
    }
}

/// <summary>qid[13] iounit[4].</summary>
internal readonly ref struct Rlopen : IMessage<Rlopen>
{
    public static MessageType Type => MessageType.Rlopen;

    public Qid Qid { get; init; }
    public uint IoUnit { get; init; }

    public int Size => 17;

    public static Rlopen Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid(), IoUnit = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
        writer.WriteUInt32(IoUnit);
    }
}

/// <summary>fid[4] name[s] flags[4] mode[4] gid[4]: the fid becomes the new open file.</summary>
internal readonly ref struct Tlcreate : IMessage<Tlcreate>
{
    public static MessageType Type => MessageType.Tlcreate;

    public uint Fid { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public uint Flags { get; init; }
    public uint Mode { get; init; }
    public uint Gid { get; init; }

    public int Size => 16 + 2 + Name.Length;

    public static Tlcreate Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Name = reader.ReadText(),
        Flags = reader.ReadUInt32(),
        Mode = reader.ReadUInt32(),
        Gid = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteText(Name);
        writer.WriteUInt32(Flags);
        writer.WriteUInt32(Mode);
        writer.WriteUInt32(Gid);
    }
}

/// <summary>qid[13] iounit[4].</summary>
internal readonly ref struct Rlcreate : IMessage<Rlcreate>
{
    public static MessageType Type => MessageType.Rlcreate;

    public Qid Qid { get; init; }
    public uint IoUnit { get; init; }

    public int Size => 17;

    public static Rlcreate Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid(), IoUnit = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
        writer.WriteUInt32(IoUnit);
    }
}
