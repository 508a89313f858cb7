namespace Pewter.NineP.Wire;

/// <summary>fid[4], 9P2000.</summary>
internal readonly ref struct Tstat : IMessage<Tstat>
{
    public static MessageType Type => MessageType.Tstat;

    public uint Fid { get; init; }

    public int Size => 4;

    public static Tstat Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
    }
}

/// <summary>n[2] stat[n].</summary>
internal readonly ref struct Rstat : IMessage<Rstat>
{
    public static MessageType Type => MessageType.Rstat;

    public ReadOnlySpan<byte> Stat { get; init; }

    public int Size => 2 + Stat.Length;

    public static Rstat Read(scoped ref MessageReader reader) => new() { Stat = reader.ReadData16() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteData16(Stat);
    }
}

/// <summary>fid[4] n[2] stat[n], 9P2000.</summary>
internal readonly ref struct Twstat : IMessage<Twstat>
{
    public static MessageType Type => MessageType.Twstat;

    public uint Fid { get; init; }
    public ReadOnlySpan<byte> Stat { get; init; }

    public int Size => 4 + 2 + Stat.Length;

    public static Twstat Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32(), Stat = reader.ReadData16() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteData16(Stat);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rwstat : IMessage<Rwstat>
{
    public static MessageType Type => MessageType.Rwstat;

    public int Size => 0;

    public static Rwstat Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}

/// <summary>fid[4] request_mask[8].</summary>
internal readonly ref struct Tgetattr : IMessage<Tgetattr>
{
    public static MessageType Type => MessageType.Tgetattr;

    public uint Fid { get; init; }
    public ulong Mask { get; init; }

    public int Size => 12;

    public static Tgetattr Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32(), Mask = reader.ReadUInt64() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt64(Mask);
    }
}

/// <summary>valid[8] qid[13] mode[4] … data_version[8], as lstat(2).</summary>
internal readonly ref struct Rgetattr : IMessage<Rgetattr>
{
    public static MessageType Type => MessageType.Rgetattr;

    public ulong Valid { get; init; }
    public Qid Qid { get; init; }
    public uint Mode { get; init; }
    public uint Uid { get; init; }
    public uint Gid { get; init; }
    public ulong LinkCount { get; init; }
    public ulong Device { get; init; }
    public ulong Length { get; init; }
    public ulong BlockSize { get; init; }
    public ulong Blocks { get; init; }
    public ulong AccessSeconds { get; init; }
    public ulong AccessNanoseconds { get; init; }
    public ulong ModifySeconds { get; init; }
    public ulong ModifyNanoseconds { get; init; }
    public ulong ChangeSeconds { get; init; }
    public ulong ChangeNanoseconds { get; init; }
    public ulong BirthSeconds { get; init; }
    public ulong BirthNanoseconds { get; init; }
    public ulong Generation { get; init; }
    public ulong DataVersion { get; init; }

    public int Size => 153;

    public static Rgetattr Read(scoped ref MessageReader reader) => new()
    {
        Valid = reader.ReadUInt64(),
        Qid = reader.ReadQid(),
        Mode = reader.ReadUInt32(),
        Uid = reader.ReadUInt32(),
        Gid = reader.ReadUInt32(),
        LinkCount = reader.ReadUInt64(),
        Device = reader.ReadUInt64(),
        Length = reader.ReadUInt64(),
        BlockSize = reader.ReadUInt64(),
        Blocks = reader.ReadUInt64(),
        AccessSeconds = reader.ReadUInt64(),
        AccessNanoseconds = reader.ReadUInt64(),
        ModifySeconds = reader.ReadUInt64(),
        ModifyNanoseconds = reader.ReadUInt64(),
        ChangeSeconds = reader.ReadUInt64(),
        ChangeNanoseconds = reader.ReadUInt64(),
        BirthSeconds = reader.ReadUInt64(),
        BirthNanoseconds = reader.ReadUInt64(),
        Generation = reader.ReadUInt64(),
        DataVersion = reader.ReadUInt64(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt64(Valid);
        writer.WriteQid(Qid);
        writer.WriteUInt32(Mode);
        writer.WriteUInt32(Uid);
        writer.WriteUInt32(Gid);
        writer.WriteUInt64(LinkCount);
        writer.WriteUInt64(Device);
        writer.WriteUInt64(Length);
        writer.WriteUInt64(BlockSize);
        writer.WriteUInt64(Blocks);
        writer.WriteUInt64(AccessSeconds);
        writer.WriteUInt64(AccessNanoseconds);
        writer.WriteUInt64(ModifySeconds);
        writer.WriteUInt64(ModifyNanoseconds);
        writer.WriteUInt64(ChangeSeconds);
        writer.WriteUInt64(ChangeNanoseconds);
        writer.WriteUInt64(BirthSeconds);
        writer.WriteUInt64(BirthNanoseconds);
        writer.WriteUInt64(Generation);
        writer.WriteUInt64(DataVersion);
    }
}

/// <summary>fid[4] valid[4] mode[4] uid[4] gid[4] size[8] atime[16] mtime[16].</summary>
internal readonly ref struct Tsetattr : IMessage<Tsetattr>
{
    public static MessageType Type => MessageType.Tsetattr;

    public uint Fid { get; init; }
    public uint Valid { get; init; }
    public uint Mode { get; init; }
    public uint Uid { get; init; }
    public uint Gid { get; init; }
    public ulong Length { get; init; }
    public ulong AccessSeconds { get; init; }
    public ulong AccessNanoseconds { get; init; }
    public ulong ModifySeconds { get; init; }
    public ulong ModifyNanoseconds { get; init; }

    public int Size => 60;

    public static Tsetattr Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        Valid = reader.ReadUInt32(),
        Mode = reader.ReadUInt32(),
        Uid = reader.ReadUInt32(),
        Gid = reader.ReadUInt32(),
        Length = reader.ReadUInt64(),
        AccessSeconds = reader.ReadUInt64(),
        AccessNanoseconds = reader.ReadUInt64(),
        ModifySeconds = reader.ReadUInt64(),
        ModifyNanoseconds = reader.ReadUInt64(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt32(Valid);
        writer.WriteUInt32(Mode);
        writer.WriteUInt32(Uid);
        writer.WriteUInt32(Gid);
        writer.WriteUInt64(Length);
        writer.WriteUInt64(AccessSeconds);
        writer.WriteUInt64(AccessNanoseconds);
        writer.WriteUInt64(ModifySeconds);
        writer.WriteUInt64(ModifyNanoseconds);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rsetattr : IMessage<Rsetattr>
{
    public static MessageType Type => MessageType.Rsetattr;

    public int Size => 0;

    public static Rsetattr Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}

/// <summary>fid[4].</summary>
internal readonly ref struct Tstatfs : IMessage<Tstatfs>
{
    public static MessageType Type => MessageType.Tstatfs;

    public uint Fid { get; init; }

    public int Size => 4;

    public static Tstatfs Read(scoped ref MessageReader reader) => new() { Fid = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
    }
}

/// <summary>type[4] bsize[4] blocks[8] bfree[8] bavail[8] files[8] ffree[8] fsid[8] namelen[4].</summary>
internal readonly ref struct Rstatfs : IMessage<Rstatfs>
{
    public static MessageType Type => MessageType.Rstatfs;

    public uint FileSystemType { get; init; }
    public uint BlockSize { get; init; }
    public ulong Blocks { get; init; }
    public ulong FreeBlocks { get; init; }
    public ulong AvailableBlocks { get; init; }
    public ulong Files { get; init; }
    public ulong FreeFiles { get; init; }
    public ulong Id { get; init; }
    public uint NameLength { get; init; }

    public int Size => 60;

    public static Rstatfs Read(scoped ref MessageReader reader) => new()
    {
        FileSystemType = reader.ReadUInt32(),
        BlockSize = reader.ReadUInt32(),
        Blocks = reader.ReadUInt64(),
        FreeBlocks = reader.ReadUInt64(),
        AvailableBlocks = reader.ReadUInt64(),
        Files = reader.ReadUInt64(),
        FreeFiles = reader.ReadUInt64(),
        Id = reader.ReadUInt64(),
        NameLength = reader.ReadUInt32(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(FileSystemType);
        writer.WriteUInt32(BlockSize);
        writer.WriteUInt64(Blocks);
        writer.WriteUInt64(FreeBlocks);
        writer.WriteUInt64(AvailableBlocks);
        writer.WriteUInt64(Files);
        writer.WriteUInt64(FreeFiles);
        writer.WriteUInt64(Id);
        writer.WriteUInt32(NameLength);
    }
}
