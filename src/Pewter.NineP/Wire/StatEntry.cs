namespace Pewter.NineP.Wire;

/// <summary>
/// A stat entry of 9P2000 (stat(5)): what Tstat answers, what a directory is read as and what Twstat changes. A field of all ones, or an
/// empty string, means "leave it" in a Twstat.
/// </summary>
internal readonly ref struct StatEntry
{
    /// <summary>Mode bit of a directory.</summary>
    public const uint DirectoryMode = 0x8000_0000;

    /// <summary>Mode bits a Tcreate may ask for beside the directory bit and permissions: append, exclusive, temporary.</summary>
    public const uint OrdinaryModeBits = 0x4000_0000 | 0x2000_0000 | 0x0400_0000;

    public Qid Qid { get; init; }
    public uint Mode { get; init; }
    public uint AccessSeconds { get; init; }
    public uint ModifySeconds { get; init; }
    public ulong Length { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public ReadOnlySpan<byte> User { get; init; }
    public ReadOnlySpan<byte> Group { get; init; }
    public ReadOnlySpan<byte> Modifier { get; init; }

    /// <summary>Bytes of the entry, its own size[2] included.</summary>
    public int Size => Protocol.FixedStatSize + Name.Length + User.Length + Group.Length + Modifier.Length;

    public static StatEntry Read(scoped ref MessageReader reader)
    {
        reader.ReadUInt16();
        reader.ReadUInt16();
        reader.ReadUInt32();
        return new()
        {
            Qid = reader.ReadQid(),
            Mode = reader.ReadUInt32(),
            AccessSeconds = reader.ReadUInt32(),
            ModifySeconds = reader.ReadUInt32(),
            Length = reader.ReadUInt64(),
            Name = reader.ReadText(),
            User = reader.ReadText(),
            Group = reader.ReadText(),
            Modifier = reader.ReadText(),
        };
    }

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt16(checked((ushort)(Size - 2)));
        writer.WriteUInt16(0);
        writer.WriteUInt32(0);
        writer.WriteQid(Qid);
        writer.WriteUInt32(Mode);
        writer.WriteUInt32(AccessSeconds);
        writer.WriteUInt32(ModifySeconds);
        writer.WriteUInt64(Length);
        writer.WriteText(Name);
        writer.WriteText(User);
        writer.WriteText(Group);
        writer.WriteText(Modifier);
    }
}
