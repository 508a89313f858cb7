using Pewter.NineP.Wire;

namespace Pewter.NineP.Tests.Wire;

/// <summary>
/// Every message with its layout as the specifications have it, written down independently of the codec: numbers are field sizes, s a string, d a
/// count[4] of data, n names, q qids, e an n[2] of data, u the n_uname of 9P2000.L, o an optional number.
/// </summary>
internal static class MessageCatalogue
{
    public static IReadOnlyDictionary<MessageType, Entry> All { get; } = new[]
    {
        Make<Rlerror>("4"), Make<Tstatfs>("4"), Make<Rstatfs>("4 4 8 8 8 8 8 8 4"), Make<Tlopen>("4 4"), Make<Rlopen>("13 4"),
        Make<Tlcreate>("4 s 4 4 4"), Make<Rlcreate>("13 4"), Make<Tsymlink>("4 s s 4"), Make<Rsymlink>("13"),
        Make<Tmknod>("4 s 4 4 4 4"), Make<Rmknod>("13"), Make<Trename>("4 4 s"), Make<Rrename>(""), Make<Treadlink>("4"),
        Make<Rreadlink>("s"), Make<Tgetattr>("4 8"), Make<Rgetattr>("8 13 4 4 4 8 8 8 8 8 8 8 8 8 8 8 8 8 8 8"),
        Make<Tsetattr>("4 4 4 4 4 8 8 8 8 8"), Make<Rsetattr>(""), Make<Txattrwalk>("4 4 s"), Make<Rxattrwalk>("8"),
        Make<Txattrcreate>("4 s 8 4"), Make<Rxattrcreate>(""), Make<Treaddir>("4 8 4"), Make<Rreaddir>("d"),
        Make<Tfsync>("4 o"), Make<Rfsync>(""), Make<Tlock>("4 1 4 8 8 4 s"), Make<Rlock>("1"), Make<Tgetlock>("4 1 8 8 4 s"),
        Make<Rgetlock>("1 8 8 4 s"), Make<Tlink>("4 4 s"), Make<Rlink>(""), Make<Tmkdir>("4 s 4 4"), Make<Rmkdir>("13"),
        Make<Trenameat>("4 s 4 s"), Make<Rrenameat>(""), Make<Tunlinkat>("4 s 4"), Make<Runlinkat>(""), Make<Tversion>("4 s"),
        Make<Rversion>("4 s"), Make<Tauth>("4 s s u"), Make<Rauth>("13"), Make<Tattach>("4 4 s s u"), Make<Rattach>("13"),
        Make<Rerror>("s"), Make<Tflush>("2"), Make<Rflush>(""), Make<Twalk>("4 4 n"), Make<Rwalk>("q"), Make<Topen>("4 1"),
        Make<Ropen>("13 4"), Make<Tcreate>("4 s 4 1"), Make<Rcreate>("13 4"), Make<Tread>("4 8 4"), Make<Rread>("d"),
        Make<Twrite>("4 8 d"), Make<Rwrite>("4"), Make<Tclunk>("4"), Make<Rclunk>(""), Make<Tremove>("4"), Make<Rremove>(""),
        Make<Tstat>("4"), Make<Rstat>("e"), Make<Twstat>("4 e"), Make<Rwstat>(""),
    }.ToDictionary(entry => entry.Type);

    /// <summary>A random body of the message's layout.</summary>
    public static byte[] RandomBody(Entry entry, Dialect dialect, Random random)
    {
        var body = new List<byte>();
        foreach (var field in entry.Layout.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            AddField(body, field, dialect, random);
        return [.. body];
    }

    private static void AddField(List<byte> body, string field, Dialect dialect, Random random)
    {
        switch (field)
        {
            case "s" or "e":
                AddCounted(body, 2, random.Next(12), random);
                break;
            case "d":
                AddCounted(body, 4, random.Next(40), random);
                break;
            case "n":
                var names = random.Next(Protocol.MaxWalkNames + 1);
                body.AddRange([(byte)names, 0]);
                for (var i = 0; i < names; i++)
                    AddCounted(body, 2, random.Next(6), random);
                break;
            case "q":
                var qids = random.Next(Protocol.MaxWalkNames + 1);
                body.AddRange([(byte)qids, 0, .. Bytes(qids * 13, random)]);
                break;
            case "u":
                body.AddRange(Bytes(dialect == Dialect.NineP2000L ? 4 : 0, random));
                break;
            case "o":
                body.AddRange(Bytes(4, random));
                break;
            default:
                body.AddRange(Bytes(int.Parse(field), random));
                break;
        }
    }

    private static void AddCounted(List<byte> body, int countSize, int count, Random random)
    {
        body.AddRange([(byte)count, .. new byte[countSize - 1], .. Bytes(count, random)]);
    }

    private static byte[] Bytes(int count, Random random)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static Entry Make<T>(string layout)
        where T : struct, IMessage<T>, allows ref struct => new(T.Type, layout, Recode<T>);

    /// <summary>Decodes and encodes again; null when the body is not well formed.</summary>
    private static byte[]? Recode<T>(byte[] body, Dialect dialect)
        where T : struct, IMessage<T>, allows ref struct
    {
        var reader = new MessageReader(body, dialect);
        var message = T.Read(ref reader);
        if (!reader.IsComplete)
            return null;
        var buffer = new byte[message.Size];
        var writer = new MessageWriter(buffer, dialect);
        message.Write(ref writer);
        return buffer[..writer.Length];
    }

    internal sealed record Entry(MessageType Type, string Layout, Func<byte[], Dialect, byte[]?> Recode);
}
