namespace Pewter.NineP.Wire;

/// <summary>size[4] Tversion tag[2] msize[4] version[s]: starts a session.</summary>
internal readonly ref struct Tversion : IMessage<Tversion>
{
    public static MessageType Type => MessageType.Tversion;

    public uint MessageSize { get; init; }
    public ReadOnlySpan<byte> Version { get; init; }

    public int Size => 4 + 2 + Version.Length;

    public static Tversion Read(scoped ref MessageReader reader) => new() { MessageSize = reader.ReadUInt32(), Version = reader.ReadText() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(MessageSize);
        writer.WriteText(Version);
    }
}

/// <summary>msize[4] version[s].</summary>
internal readonly ref struct Rversion : IMessage<Rversion>
{
    public static MessageType Type => MessageType.Rversion;

    public uint MessageSize { get; init; }
    public ReadOnlySpan<byte> Version { get; init; }

    public int Size => 4 + 2 + Version.Length;

    public static Rversion Read(scoped ref MessageReader reader) => new() { MessageSize = reader.ReadUInt32(), Version = reader.ReadText() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(MessageSize);
        writer.WriteText(Version);
    }
}

/// <summary>afid[4] uname[s] aname[s], in 9P2000.L also n_uname[4].</summary>
internal readonly ref struct Tauth : IMessage<Tauth>
{
    public static MessageType Type => MessageType.Tauth;

    public uint AuthFid { get; init; }
    public ReadOnlySpan<byte> UserName { get; init; }
    public ReadOnlySpan<byte> AccessName { get; init; }
    public uint UserId { get; init; }

    public int Size => 4 + 2 + UserName.Length + 2 + AccessName.Length + MessageWriter.UserIdSize;

    public static Tauth Read(scoped ref MessageReader reader) => new()
    {
        AuthFid = reader.ReadUInt32(),
        UserName = reader.ReadText(),
        AccessName = reader.ReadText(),
        UserId = reader.ReadUserId(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(AuthFid);
        writer.WriteText(UserName);
        writer.WriteText(AccessName);
        writer.WriteUserId(UserId);
    }
}

/// <summary>aqid[13].</summary>
internal readonly ref struct Rauth : IMessage<Rauth>
{
    public static MessageType Type => MessageType.Rauth;

    public Qid Qid { get; init; }

    public int Size => 13;

    public static Rauth Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
    }
}

/// <summary>fid[4] afid[4] uname[s] aname[s], in 9P2000.L also n_uname[4]: makes a fid on a root.</summary>
internal readonly ref struct Tattach : IMessage<Tattach>
{
    public static MessageType Type => MessageType.Tattach;

    public uint Fid { get; init; }
    public uint AuthFid { get; init; }
    public ReadOnlySpan<byte> UserName { get; init; }
    public ReadOnlySpan<byte> AccessName { get; init; }
    public uint UserId { get; init; }

    public int Size => 8 + 2 + UserName.Length + 2 + AccessName.Length + MessageWriter.UserIdSize;

    public static Tattach Read(scoped ref MessageReader reader) => new()
    {
        Fid = reader.ReadUInt32(),
        AuthFid = reader.ReadUInt32(),
        UserName = reader.ReadText(),
        AccessName = reader.ReadText(),
        UserId = reader.ReadUserId(),
    };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Fid);
        writer.WriteUInt32(AuthFid);
        writer.WriteText(UserName);
        writer.WriteText(AccessName);
        writer.WriteUserId(UserId);
    }
}

/// <summary>qid[13].</summary>
internal readonly ref struct Rattach : IMessage<Rattach>
{
    public static MessageType Type => MessageType.Rattach;

    public Qid Qid { get; init; }

    public int Size => 13;

    public static Rattach Read(scoped ref MessageReader reader) => new() { Qid = reader.ReadQid() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteQid(Qid);
    }
}

/// <summary>ename[s], 9P2000 only.</summary>
internal readonly ref struct Rerror : IMessage<Rerror>
{
    public static MessageType Type => MessageType.Rerror;

    public ReadOnlySpan<byte> Text { get; init; }

    public int Size => 2 + Text.Length;

    public static Rerror Read(scoped ref MessageReader reader) => new() { Text = reader.ReadText() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteText(Text);
    }
}

/// <summary>ecode[4], 9P2000.L only.</summary>
internal readonly ref struct Rlerror : IMessage<Rlerror>
{
    public static MessageType Type => MessageType.Rlerror;

    public uint Code { get; init; }

    public int Size => 4;

    public static Rlerror Read(scoped ref MessageReader reader) => new() { Code = reader.ReadUInt32() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt32(Code);
    }
}

/// <summary>oldtag[2]: forget an earlier request.</summary>
internal readonly ref struct Tflush : IMessage<Tflush>
{
    public static MessageType Type => MessageType.Tflush;

    public ushort OldTag { get; init; }

    public int Size => 2;

    public static Tflush Read(scoped ref MessageReader reader) => new() { OldTag = reader.ReadUInt16() };

    public void Write(ref MessageWriter writer)
    {
        writer.WriteUInt16(OldTag);
    }
}

/// <summary>empty.</summary>
internal readonly ref struct Rflush : IMessage<Rflush>
{
    public static MessageType Type => MessageType.Rflush;

    public int Size => 0;

    public static Rflush Read(scoped ref MessageReader reader) => default;

    public void Write(ref MessageWriter writer)
    {
    }
}
