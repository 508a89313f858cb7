namespace Pewter.NineP.Wire;

/// <summary>dfid[4] name[s] mode[4] gid[4].</summary>
internal readonly ref struct Tmkdir : IMessage<Tmkdir>
{
    public static MessageType Type => MessageType.Tmkdir;

    public uint Directory { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public uint Mode { get; init; }
    public uint Gid { get; init; }

    public int Size => 12 + 2 + Name.Length;

    public static Tmkdir Read(scoped ref MessageReader reader) => new()
    {
        Directory = reader.ReadUInt32(),
        Name = reader.ReadText(),
        Mode = reader.ReadUInt32(),
        Gid = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Directory);
        writer.WriteText(Name);
        writer.WriteUInt32(Mode);
        writer.WriteUInt32(Gid);
    }
}

/// <summary>qid[13].</summary>
internal readonly ref struct Rmkdir : IMessage<Rmkdir>
{
    public static MessageType Type => MessageType.Rmkdir;

    public Qid Qid { get; init; }

    public int Size => 13;

    public static Rmkdir Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
    }
}

/// <summary>dfid[4] name[s] mode[4] major[4] minor[4] gid[4].</summary>
internal readonly ref struct Tmknod : IMessage<Tmknod>
{
    public static MessageType Type => MessageType.Tmknod;

    public uint Directory { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public uint Mode { get; init; }
    public uint Major { get; init; }
    public uint Minor { get; init; }
    public uint Gid { get; init; }

    public int Size => 20 + 2 + Name.Length;

    public static Tmknod Read(scoped ref MessageReader reader) => new()
    {
        Directory = reader.ReadUInt32(),
        Name = reader.ReadText(),
        Mode = reader.ReadUInt32(),
        Major = reader.ReadUInt32(),
        Minor = reader.ReadUInt32(),
        Gid = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Directory);
        writer.WriteText(Name);
        writer.WriteUInt32(Mode);
        writer.WriteUInt32(Major);
        writer.WriteUInt32(Minor);
        writer.WriteUInt32(Gid);
    }
}

/// <summary>qid[13].</summary>
internal readonly ref struct Rmknod : IMessage<Rmknod>
{
    public static MessageType Type => MessageType.Rmknod;

    public Qid Qid { get; init; }

    public int Size => 13;

    public static Rmknod Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
    }
}

/// <summary>fid[4] dfid[4] name[s].</summary>
internal readonly ref struct Trename : IMessage<Trename>
{
    public static MessageType Type => MessageType.Trename;

    public uint Fid { get; init; }
    public uint Directory { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }

    public int Size => 8 + 2 + Name.Length;

    public static Trename Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Directory = reader.ReadUInt32(),
        Name = reader.ReadText(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt32(Directory);
        writer.WriteText(Name);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rrename : IMessage<Rrename>
{
    public static MessageType Type => MessageType.Rrename;

    public int Size => 0;

    public static Rrename Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}

/// <summary>olddirfid[4] oldname[s] newdirfid[4] newname[s].</summary>
internal readonly ref struct Trenameat : IMessage<Trenameat>
{
    public static MessageType Type => MessageType.Trenameat;

    public uint OldDirectory { get; init; }
    public ReadOnlySpan<byte> OldName { get; init; }
    public uint NewDirectory { get; init; }
    public ReadOnlySpan<byte> NewName { get; init; }

    public int Size => 8 + 2 + OldName.Length + 2 + NewName.Length;

    public static Trenameat Read(scoped ref MessageReader reader) => new()
    {
        OldDirectory = reader.ReadUInt32(),
        OldName = reader.ReadText(),
        NewDirectory = reader.ReadUInt32(),
        NewName = reader.ReadText(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(OldDirectory);
        writer.WriteText(OldName);
        writer.WriteUInt32(NewDirectory);
        writer.WriteText(NewName);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rrenameat : IMessage<Rrenameat>
{
    public static MessageType Type => MessageType.Rrenameat;

    public int Size => 0;

    public static Rrenameat Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}

/// <summary>dirfd[4] name[s] flags[4].</summary>
internal readonly ref struct Tunlinkat : IMessage<Tunlinkat>
{
    public static MessageType Type => MessageType.Tunlinkat;

    public uint Directory { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public uint Flags { get; init; }

    public int Size => 8 + 2 + Name.Length;

    public static Tunlinkat Read(scoped ref MessageReader reader) => new()
    {
        Directory = reader.ReadUInt32(),
        Name = reader.ReadText(),
        Flags = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Directory);
        writer.WriteText(Name);
        writer.WriteUInt32(Flags);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Runlinkat : IMessage<Runlinkat>
{
    public static MessageType Type => MessageType.Runlinkat;

    public int Size => 0;

    public static Runlinkat Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}
