using System.Buffers.Binary;
using System.Text;
using Pewter.Blocks.Exports;

namespace Pewter.Blocks.Nbd;

/// <summary>Writes the answers of the negotiation.</summary>
internal sealed class NbdOptionReplies(NbdTransport transport)
{
    private const uint PreferredBlock = 4096;

    /// <summary>What the client may ask of an export.</summary>
    public static NbdTransmissionFlags FlagsOf(Export export, bool structured)
    {
        NbdTransmissionFlags flags = NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.Flush | NbdTransmissionFlags.Fua
            | NbdTransmissionFlags.MultiConnection | NbdTransmissionFlags.Cache;
        if (structured)
            flags |= NbdTransmissionFlags.DoNotFragment;
        return export.IsReadOnly
            ? flags | NbdTransmissionFlags.ReadOnly
            : flags | NbdTransmissionFlags.Trim | NbdTransmissionFlags.WriteZeroes | NbdTransmissionFlags.FastZero;
    }

    public void Ack(NbdOption option) => Send(option, NbdOptionReply.Ack, []);

    /// <summary>Accepts or, when the option came malformed or twice, refuses it.</summary>
    public bool AckIf(NbdOption option, bool fine)
    {
        if (fine)
            Ack(option);
        else
            Error(option, NbdOptionReply.Invalid, "The option is not allowed here, or has data that it must not have.");
        return fine;
    }

    public void Error(NbdOption option, NbdOptionReply error, string message) => Send(option, error, Encoding.UTF8.GetBytes(message));

    public void Server(Export export)
    {
        byte[] name = Encoding.UTF8.GetBytes(export.Name);
        var data = new byte[4 + name.Length];
        BinaryPrimitives.WriteInt32BigEndian(data, name.Length);
        name.CopyTo(data, 4);
        Send(NbdOption.List, NbdOptionReply.Server, [.. data, .. Encoding.UTF8.GetBytes(export.Description)]);
    }

    public void Context(NbdOption option)
    {
        Span<byte> id = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(id, option == NbdOption.SetMetaContext ? NbdProtocol.AllocationContextId : 0);
        Send(option, NbdOptionReply.MetaContext, [.. id, .. Encoding.ASCII.GetBytes(NbdProtocol.AllocationContext)]);
    }

    /// <summary>Everything an INFO or GO can tell, asked for or not.</summary>
    public void Describe(NbdOption option, Export export, bool structured, int maxPayload)
    {
        Span<byte> data = stackalloc byte[14];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)NbdInfo.Export);
        BinaryPrimitives.WriteInt64BigEndian(data[2..], export.Device.Length);
        BinaryPrimitives.WriteUInt16BigEndian(data[10..], (ushort)FlagsOf(export, structured));
        Send(option, NbdOptionReply.Info, data[..12]);
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)NbdInfo.BlockSize);
        BinaryPrimitives.WriteUInt32BigEndian(data[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(data[6..], PreferredBlock);
        BinaryPrimitives.WriteInt32BigEndian(data[10..], maxPayload);
        Send(option, NbdOptionReply.Info, data);
        Text(option, NbdInfo.Name, export.Name);
        if (export.Description.Length > 0)
            Text(option, NbdInfo.Description, export.Description);
    }

    private void Text(NbdOption option, NbdInfo info, string text) =>
        Send(option, NbdOptionReply.Info, [0, (byte)info, .. Encoding.UTF8.GetBytes(text)]);

    private void Send(NbdOption option, NbdOptionReply reply, ReadOnlySpan<byte> data)
    {
        var message = new byte[20 + data.Length];
        BinaryPrimitives.WriteUInt64BigEndian(message, NbdProtocol.OptionReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), (uint)option);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(12), (uint)reply);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(16), data.Length);
        data.CopyTo(message.AsSpan(20));
        transport.Send(message);
    }
}
