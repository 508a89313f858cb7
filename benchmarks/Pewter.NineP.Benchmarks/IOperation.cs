using Pewter.NineP.Wire;

namespace Pewter.NineP.Benchmarks;

/// <summary>One kind of operation, which may take several requests, each after the answer of the one before.</summary>
internal interface IOperation
{
    /// <summary>Writes the first request.</summary>
    int Begin(Span<byte> buffer, ushort tag);

    /// <summary>Takes a reply; writes the next request, or says that the operation has ended.</summary>
    int Continue(Span<byte> buffer, MessageType reply, ushort tag, out bool ended);
}

/// <summary>Tgetattr of a file.</summary>
internal sealed class GetAttributes : IOperation
{
    public int Begin(Span<byte> buffer, ushort tag) =>
        MessageWriter.WriteFrame(buffer, tag, new Tgetattr { Fid = LoadGenerator.FileFid, Mask = 0x7FF }, Dialect.NineP2000L);

    public int Continue(Span<byte> buffer, MessageType reply, ushort tag, out bool ended)
    {
        ended = reply == MessageType.Rgetattr ? true : throw new InvalidOperationException($"{reply}");
        return 0;
    }
}

/// <summary>Tread of 4 KiB.</summary>
internal sealed class Read4K : IOperation
{
    public int Begin(Span<byte> buffer, ushort tag) =>
        MessageWriter.WriteFrame(buffer, tag, new Tread { Fid = LoadGenerator.OpenFid, Count = 4096 }, Dialect.NineP2000L);

    public int Continue(Span<byte> buffer, MessageType reply, ushort tag, out bool ended)
    {
        ended = reply == MessageType.Rread ? true : throw new InvalidOperationException($"{reply}");
        return 0;
    }
}

/// <summary>Twalk to a file and Tclunk of the new fid.</summary>
internal sealed class WalkAndClunk : IOperation
{
    public int Begin(Span<byte> buffer, ushort tag)
    {
        var walk = new Twalk { Fid = LoadGenerator.RootFid, NewFid = 100u + tag, Names = new NameList(1, "\x04\0file"u8) };
        return MessageWriter.WriteFrame(buffer, tag, walk, Dialect.NineP2000L);
    }

    public int Continue(Span<byte> buffer, MessageType reply, ushort tag, out bool ended)
    {
        ended = reply switch
        {
            MessageType.Rwalk => false,
            MessageType.Rclunk => true,
            _ => throw new InvalidOperationException($"{reply}"),
        };
        return ended ? 0 : MessageWriter.WriteFrame(buffer, tag, new Tclunk { Fid = 100u + tag }, Dialect.NineP2000L);
    }
}
