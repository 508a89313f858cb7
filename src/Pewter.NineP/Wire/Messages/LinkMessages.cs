namespace Pewter.NineP.Wire;

/// <summary>dfid[4] name[s] symtgt[s] gid[4].</summary>
internal readonly ref struct Tsymlink : IMessage<Tsymlink>
{
    public static MessageType Type => MessageType.Tsymlink;

    public uint Directory { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public ReadOnlySpan<byte> Target { get; init; }
    public uint Gid { get; init; }

    public int Size => 8 + 2 + Name.Length + 2 + Target.Length;

    public static Tsymlink Read(scoped ref MessageReader reader) => new()
    {
        Directory = reader.ReadUInt32(),
        Name = reader.ReadText(),
        Target = reader.ReadText(),
        Gid = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Directory);
        writer.WriteText(Name);
        writer.WriteText(Target);
        writer.WriteUInt32(Gid);
    }
}

/// <summary>qid[13].</summary>
internal readonly ref struct Rsymlink : IMessage<Rsymlink>
{
    public static MessageType Type => MessageType.Rsymlink;

    public Qid Qid { get; init; }

    public int Size => 13;

    public static Rsymlink Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
    }
}

/// <summary>fid[4].</summary>
internal readonly ref struct Treadlink : IMessage<Treadlink>
{
    public static MessageType Type => MessageType.Treadlink;

    public uint Fid { get; init; }

    public int Size => 4;

    public static Treadlink Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
    }
}

/// <summary>target[s].</summary>
internal readonly ref struct Rreadlink : IMessage<Rreadlink>
{
    public static MessageType Type => MessageType.Rreadlink;

    public ReadOnlySpan<byte> Target { get; init; }

    public int Size => 2 + Target.Length;

    public static Rreadlink Read(scoped ref MessageReader reader) => new() { Target = reader.ReadText() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteText(Target);
    }
}

/// <summary>dfid[4] fid[4] name[s]: a hard link.</summary>
internal readonly ref struct Tlink : IMessage<Tlink>
{
    public static MessageType Type => MessageType.Tlink;

    public uint Directory { get; init; }
    public uint Fid { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }

    public int Size => 8 + 2 + Name.Length;

    public static Tlink Read(scoped ref MessageReader reader) => new()
    {
        Directory = reader.ReadUInt32(),
        Fid = reader.ReadUInt32(),
        Name = reader.ReadText(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Directory);
        writer.WriteUInt32(Fid);
        writer.WriteText(Name);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rlink : IMessage<Rlink>
{
    public static MessageType Type => MessageType.Rlink;

    public int Size => 0;

    public static Rlink Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}
