using System.Buffers.Binary;
using System.Text;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>
/// The one exit of every request: encodes its reply, takes it out of the table and lets go the flushes that wait for it. A request that never
/// waited is answered into the batch without a lock; any other under the gate.
/// </summary>
internal sealed class Replies(FrameSender sender, RequestTable requests)
{
    /// <summary>Bytes of an Rread before its data.</summary>
    public const int ReadHeader = Protocol.HeaderSize + sizeof(uint);

    /// <summary>Agreed size of the largest message.</summary>
    public int MessageSize { get; set; }

    /// <summary>The most data that fits a reply to a read.</summary>
    public int MaxData => MessageSize - Protocol.IoHeaderSize;

    /// <summary>Answers with a message; with EMSGSIZE when it is longer than agreed.</summary>
    public void Send<T>(Request request, scoped in T message)
        where T : struct, IMessage<T>, allows ref struct
    {
        if (Protocol.HeaderSize + message.Size > MessageSize)
        {
            Error(request, Errno.EMSGSIZE);
            return;
        }

        if (sender.CanWrite && !request.IsRegistered)
        {
            request.IsRetired = true;
            sender.Write(request.Tag, message);
            return;
        }

        lock (sender.Gate)
        {
            if (requests.Retire(request))
                sender.Append(request.Tag, message);
            requests.AnswerFlushes(request);
        }
    }

    /// <summary>Answers with an error in the dialect's form.</summary>
    public void Error(Request request, Errno errno)
    {
        if (request.Dialect == Dialect.NineP2000L)
            Send(request, new Rlerror { Code = (uint)errno });
        else
            Send(request, new Rerror { Text = Encoding.UTF8.GetBytes(ErrnoText.Of(errno)) });
    }

    /// <summary>Retires a cancelled request without an answer of its own.</summary>
    public void Drop(Request request)
    {
        lock (sender.Gate)
        {
            requests.Retire(request);
            requests.AnswerFlushes(request);
        }
    }

    /// <summary>
    /// Reserves the frame of an Rread in the batch, if the request may be answered there. Data goes after <see cref="ReadHeader"/> bytes; ends with
    /// <see cref="CommitRead"/> or <see cref="CancelRead"/>.
    /// </summary>
    public bool TryReserveRead(Request request, int count, out Span<byte> frame)
    {
        frame = default;
        if (!sender.CanWrite || request.IsRegistered)
            return false;
        frame = sender.Reserve(ReadHeader + count);
        return true;
    }

    /// <summary>Completes the reserved Rread with <paramref name="count"/> bytes.</summary>
    public void CommitRead(Request request, Span<byte> frame, int count)
    {
        request.IsRetired = true;
        MessageWriter.WriteHeader(frame, ReadHeader + count, MessageType.Rread, request.Tag);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[Protocol.HeaderSize..], (uint)count);
        sender.Commit(ReadHeader + count);
    }

    /// <summary>Takes back the reserved Rread.</summary>
    public void CancelRead() => sender.Commit(0);
}
