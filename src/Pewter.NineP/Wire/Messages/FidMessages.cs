namespace Pewter.NineP.Wire;

/// <summary>fid[4] newfid[4] nwname[2] wname[s]…: descends.</summary>
internal readonly ref struct Twalk : IMessage<Twalk>
{
    public static MessageType Type => MessageType.Twalk;

    public uint Fid { get; init; }
    public uint NewFid { get; init; }
    public NameList Names { get; init; }

    public int Size => 8 + Names.Size;

    public static Twalk Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        NewFid = reader.ReadUInt32(),
        Names = reader.ReadNames(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt32(NewFid);
        writer.WriteNames(Names);
    }
}

/// <summary>nwqid[2] qid[13]….</summary>
internal readonly ref struct Rwalk : IMessage<Rwalk>
{
    public static MessageType Type => MessageType.Rwalk;

    public QidList Qids { get; init; }

    public int Size => Qids.Size;

    public static Rwalk Read(scoped ref MessageReader reader) => new() { Qids = reader.ReadQids() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQids(Qids);
    }
}

/// <summary>fid[4]: forgets a fid.</summary>
internal readonly ref struct Tclunk : IMessage<Tclunk>
{
    public static MessageType Type => MessageType.Tclunk;

    public uint Fid { get; init; }

    public int Size => 4;

    public static Tclunk Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rclunk : IMessage<Rclunk>
{
    public static MessageType Type => MessageType.Rclunk;

    public int Size => 0;

    public static Rclunk Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}

/// <summary>fid[4]: removes the file and clunks the fid, even on error.</summary>
internal readonly ref struct Tremove : IMessage<Tremove>
{
    public static MessageType Type => MessageType.Tremove;

    public uint Fid { get; init; }

    public int Size => 4;

    public static Tremove Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rremove : IMessage<Rremove>
{
    public static MessageType Type => MessageType.Rremove;

    public int Size => 0;

    public static Rremove Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}
