using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Wire;

public sealed class CodecTests
{
    public static TheoryData<string> Types => [.. Enum.GetNames<MessageType>()];

    [Fact]
    public void Every_message_number_has_a_message() =>
        Assert.Equal(Enum.GetValues<MessageType>().Order(), MessageCatalogue.All.Keys.Order());

    [Theory, MemberData(nameof(Types))]
    public void A_message_of_its_layout_comes_back_the_same(string type)
    {
        var entry = MessageCatalogue.All[Enum.Parse<MessageType>(type)];
        var random = new Random(1);
        foreach (var dialect in (Dialect[])[Dialect.NineP2000L, Dialect.NineP2000])
        {
            for (var i = 0; i < 200; i++)
            {
                var body = MessageCatalogue.RandomBody(entry, dialect, random);
                Assert.Equal(body, entry.Recode(body, dialect));
            }
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void A_body_cut_anywhere_or_with_a_byte_too_many_is_refused(string type)
    {
        var entry = MessageCatalogue.All[Enum.Parse<MessageType>(type)];
        var random = new Random(2);
        var body = MessageCatalogue.RandomBody(entry, Dialect.NineP2000L, random);
        for (var length = 0; length < body.Length; length++)
        {
            if (type != nameof(MessageType.Tfsync) || length != 4)
                Assert.Null(entry.Recode(body[..length], Dialect.NineP2000L));
        }

        Assert.Null(entry.Recode([.. body, 0], Dialect.NineP2000L));
    }

    [Fact]
    public void Frames_have_the_bytes_of_the_specification()
    {
        Golden("15000000 64 ffff 00200000 0800 3950323030302e4c", Protocol.NoTag,
            new Tversion { MessageSize = 8192, Version = Protocol.VersionL });
        Golden("1b000000 68 0100 00000000 ffffffff 0400 726f6f74 0000 ffffffff", 1,
            new Tattach { AuthFid = Protocol.NoFid, UserName = "root"u8, UserId = Protocol.NoUserId });
        Golden("16000000 6e 0200 01000000 02000000 0100 0300 657463", 2,
            new Twalk { Fid = 1, NewFid = 2, Names = new NameList(1, "\x03\0etc"u8) });
        Golden("17000000 74 0300 02000000 0807060504030201 00100000", 3,
            new Tread { Fid = 2, Offset = 0x0102030405060708, Count = 4096 });
        Golden("0e000000 75 0300 03000000 616263", 3, new Rread { Data = "abc"u8 });
        Golden("0b000000 07 0400 02000000", 4, new Rlerror { Code = (uint)Errno.ENOENT });
        Golden("0f000000 0c 0500 02000000 02000000", 5, new Tlopen { Fid = 2, Flags = 2 });
        Golden("18000000 0d 0500 80 01000000 0200000000000000 00000000", 5,
            new Rlopen { Qid = new Qid(QidType.Directory, 1, 2) });
        Golden("09000000 6c 0600 0500", 6, new Tflush { OldTag = 5 });
        Golden("07000000 6d 0600", 6, default(Rflush));
        Golden("0f000000 32 0700 02000000 01000000", 7, new Tfsync { Fid = 2, DataOnly = 1 });
        Golden("16000000 4c 0800 01000000 0500 68656c6c6f 00020000", 8,
            new Tunlinkat { Directory = 1, Name = "hello"u8, Flags = Protocol.RemoveDirectory });
    }

    [Fact]
    public void An_attach_of_9P2000_has_no_number()
    {
        var buffer = new byte[64];
        var size = MessageWriter.WriteFrame(buffer, 0, new Tattach { UserName = "a"u8, UserId = 7 }, Dialect.NineP2000);
        Assert.Equal(7 + 4 + 4 + 3 + 2, size);
    }

    [Fact]
    public void More_than_16_names_are_refused()
    {
        var body = new byte[] { 0, 0, 0, 0, 1, 0, 0, 0, 17, 0 }.Concat(Enumerable.Repeat<byte[]>([1, 0, 65], 17).SelectMany(b => b)).ToArray();
        Assert.Null(MessageCatalogue.All[MessageType.Twalk].Recode(body, Dialect.NineP2000L));
    }

    private static void Golden<T>(string hex, ushort tag, scoped in T message)
        where T : struct, IMessage<T>, allows ref struct
    {
        var buffer = new byte[256];
        var size = MessageWriter.WriteFrame(buffer, tag, message, Dialect.NineP2000L);
        Assert.Equal(hex.Replace(" ", ""), Convert.ToHexStringLower(buffer[..size]));
    }
}
