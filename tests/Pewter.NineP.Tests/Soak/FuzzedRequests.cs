using System.Buffers.Binary;
using Pewter.NineP.Tests.Wire;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Soak;

/// <summary>
/// Makes requests that get far into a session: few fids, real names, plausible flags; and now and then a broken byte, a wrong length, a
/// wrong state or a nonsense size.
/// </summary>
internal sealed class FuzzedRequests(Random random, Dialect dialect)
{
    private static readonly string[] NamePool =
        ["hello", "stream", "folder", "inner", "deep", "link", "missing", "..", ".", "a", "b", "c", "", "a/b", "é", "x\0y"];

    private static readonly MessageCatalogue.Entry[] Requests =
        [.. MessageCatalogue.All.Values.Where(entry => entry.Type.ToString()[0] == 'T').Where(IsPlain)];

    /// <summary>A stat entry that changes nothing: every number is all ones, every text is empty (stat(5)).</summary>
    private static readonly byte[] NoChange = [47, 0, .. Enumerable.Repeat((byte)0xFF, 39), .. new byte[8]];

    /// <summary>Writes one frame with a body and gives its length; the header's size is right unless <paramref name="broken"/>.</summary>
    public int Write(Span<byte> buffer, ushort tag, Func<ushort> someTag, out MessageType type, out ushort oldTag, out bool broken)
    {
        oldTag = 0;
        var size = random.Next(100) switch
        {
            < 22 => Frame(buffer, tag, Walk(), out type),
            < 36 => Frame(buffer, tag, new Tclunk { Fid = Fid() | 1 }, out type),
            < 50 when IsLinux => Frame(buffer, tag, new Tlopen { Fid = Fid(), Flags = (uint)random.Next(4) }, out type),
            < 50 => Frame(buffer, tag, new Topen { Fid = Fid(), Mode = (byte)random.Next(4) }, out type),
            < 60 => Frame(buffer, tag, new Tread { Fid = Fid(), Offset = Offset(), Count = Count() }, out type),
            < 66 => Frame(buffer, tag, new Twrite { Fid = Fid(), Offset = Offset(), Data = new byte[random.Next(200)] }, out type),
            < 71 when IsLinux => Frame(buffer, tag, new Treaddir { Fid = Fid(), Offset = Offset(), Count = Count() }, out type),
            < 75 when IsLinux => Frame(buffer, tag, new Tlcreate { Fid = Fid(), Name = Name(), Flags = (uint)random.Next(4), Mode = 0x1FF }, out type),
            < 75 => Frame(buffer, tag, new Tcreate { Fid = Fid(), Name = Name(), Permissions = 0x1FF, Mode = (byte)random.Next(4) }, out type),
            < 79 when IsLinux => Frame(buffer, tag, new Tgetattr { Fid = Fid(), Mask = 0x7FF }, out type),
            < 79 => Frame(buffer, tag, new Tstat { Fid = Fid() }, out type),
            < 84 => Frame(buffer, tag, new Tflush { OldTag = oldTag = someTag() }, out type),
            < 86 => Frame(buffer, tag, Attach(), out type),
            < 88 when !IsLinux => Frame(buffer, tag, new Twstat { Fid = Fid(), Stat = NoChange }, out type),
            _ => Any(buffer, tag, out type),
        };
        broken = Break(buffer, ref size);
        return size;
    }

    /// <summary>Not the one that begins a session anew, nor the one whose noise of a body is a broken frame.</summary>
    private static bool IsPlain(MessageCatalogue.Entry entry) => entry.Type is not (MessageType.Tversion or MessageType.Twstat);

    private bool IsLinux => dialect == Dialect.NineP2000L;

    private int Frame<T>(Span<byte> buffer, ushort tag, scoped in T message, out MessageType type)
        where T : struct, IMessage<T>, allows ref struct
    {
        type = T.Type;
        return MessageWriter.WriteFrame(buffer, tag, message, dialect);
    }

    /// <summary>Rarely breaks the frame, so that the connection has to end; changes of bytes in fields keep it whole.</summary>
    private bool Break(Span<byte> buffer, ref int size)
    {
        switch (random.Next(4000))
        {
            case 0:
                BinaryPrimitives.WriteUInt32LittleEndian(buffer, (uint)random.Next(7));
                return true;
            case 1:
                BinaryPrimitives.WriteUInt32LittleEndian(buffer, uint.MaxValue - (uint)random.Next(100_000));
                return true;
            case 2 when (MessageType)buffer[4] is MessageType.Twalk or MessageType.Tclunk:
                BinaryPrimitives.WriteUInt32LittleEndian(buffer, (uint)(size -= 1));
                return true;
            default:
                return false;
        }
    }

    private int Any(Span<byte> buffer, ushort tag, out MessageType type)
    {
        var entry = Requests[random.Next(Requests.Length)];
        var body = MessageCatalogue.RandomBody(entry, dialect, random);
        if (body.Length >= 4 && entry.Type != MessageType.Tflush)
            BinaryPrimitives.WriteUInt32LittleEndian(body, Fid() | 1);
        if (entry.Type == MessageType.Tflush)
            body = [0xFE, 0xFF];
        MessageWriter.WriteHeader(buffer, 7 + body.Length, type = entry.Type, tag);
        body.CopyTo(buffer[7..]);
        return 7 + body.Length;
    }

    private Twalk Walk()
    {
        var names = new string[random.Next(4)];
        for (var i = 0; i < names.Length; i++)
            names[i] = NamePool[random.Next(random.Next(4) == 0 ? NamePool.Length : 6)];
        return new Twalk { Fid = random.Next(4) > 0 ? 0 : Fid(), NewFid = Fid(), Names = Server.RawPeer.Names(names) };
    }

    private Tattach Attach() => new()
    {
        Fid = random.Next(2) == 0 ? 0 : Fid(),
        AuthFid = Protocol.NoFid,
        AccessName = random.Next(4) == 0 ? "forbidden"u8 : "root"u8,
        UserId = (uint)random.Next(3),
    };

    private ReadOnlySpan<byte> Name() => System.Text.Encoding.UTF8.GetBytes(NamePool[random.Next(NamePool.Length)]);

    private uint Fid() => random.Next(50) == 0 ? (uint)random.Next(int.MinValue, int.MaxValue) : (uint)random.Next(10);

    private ulong Offset() => random.Next(10) == 0 ? (ulong)random.NextInt64(long.MinValue, long.MaxValue) : (ulong)random.Next(30);

    private uint Count() => random.Next(10) == 0 ? (uint)random.Next(int.MinValue, int.MaxValue) : (uint)random.Next(300);
}
