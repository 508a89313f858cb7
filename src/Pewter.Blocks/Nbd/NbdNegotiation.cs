using System.Buffers.Binary;
using System.Net.Security;
using System.Text;
using Pewter.Blocks.Exports;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// The fixed newstyle negotiation of one connection, from the greeting to the export chosen:
/// <code>
/// greeting → [options]* → EXPORT_NAME | GO → transmission
///                │  └ STARTTLS: everything agreed before is forgotten
///                └ ABORT, a broken message, a limit → closed
/// </code>
/// </summary>
internal sealed class NbdNegotiation(
    NbdTransport transport, ExportTable exports, NbdLimits limits, SslServerAuthenticationOptions? tls, bool needsTls)
{
    private readonly byte[] _data = new byte[limits.MaxOptionBytes];
    private readonly NbdOptionReplies _replies = new(transport);
    private bool _noZeroes;
    private bool _structured;
    private string? _contextExport;

    /// <summary>What was agreed. The lease is the receiver's to end.</summary>
    public sealed record Outcome(ExportLease Lease, bool Structured, bool BlockStatus);

    /// <summary>Null when the client left in order.</summary>
    public Outcome? Run()
    {
        Span<byte> greeting = stackalloc byte[18];
        BinaryPrimitives.WriteUInt64BigEndian(greeting, NbdProtocol.GreetingMagic);
        BinaryPrimitives.WriteUInt64BigEndian(greeting[8..], NbdProtocol.OptionMagic);
        BinaryPrimitives.WriteUInt16BigEndian(greeting[16..], NbdProtocol.FixedNewstyle | NbdProtocol.NoZeroes);
        transport.Send(greeting);
        Span<byte> flags = stackalloc byte[4];
        transport.ReceiveAll(flags);
        uint client = BinaryPrimitives.ReadUInt32BigEndian(flags);
        if ((client & ~(uint)(NbdProtocol.FixedNewstyle | NbdProtocol.NoZeroes)) != 0 || (client & NbdProtocol.FixedNewstyle) == 0)
            throw new IOException($"The client asked for handshake flags {client:x} that do not exist.");
        _noZeroes = (client & NbdProtocol.NoZeroes) != 0;
        for (int i = 0; i < limits.MaxOptions; i++)
        {
            if (TakeOption(out Outcome? outcome))
                return outcome;
        }

        throw new IOException("The client negotiated without end.");
    }

    private bool TakeOption(out Outcome? outcome)
    {
        outcome = null;
        Span<byte> header = stackalloc byte[NbdProtocol.OptionHeaderBytes];
        transport.ReceiveAll(header);
        if (BinaryPrimitives.ReadUInt64BigEndian(header) != NbdProtocol.OptionMagic)
            throw new IOException("The client sent something that is no option.");
        var option = (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
        if (length > limits.MaxOptionBytes)
        {
            Drain(option, length);
            return false;
        }

        Span<byte> data = _data.AsSpan(0, (int)length);
        transport.ReceiveAll(data);
        return Handle(option, data, out outcome);
    }

    private bool Handle(NbdOption option, ReadOnlySpan<byte> data, out Outcome? outcome)
    {
        outcome = null;
        if (needsTls && !transport.IsTls && option is not (NbdOption.StartTls or NbdOption.Abort))
        {
            if (option == NbdOption.ExportName)
                throw new IOException("The client did not begin TLS.");
            _replies.Error(option, NbdOptionReply.TlsRequired, "Begin TLS first.");
            return false;
        }

        switch (option)
        {
            case NbdOption.ExportName:
                outcome = TakeExportName(data);
                return true;
            case NbdOption.Abort:
                _replies.Ack(option);
                return true;
            case NbdOption.List:
                List(data);
                break;
            case NbdOption.StartTls:
                StartTls(data);
                break;
            case NbdOption.Info or NbdOption.Go:
                return TakeGo(option, data, out outcome);
            case NbdOption.StructuredReply:
                _structured |= _replies.AckIf(option, data.IsEmpty);
                break;
            case NbdOption.ListMetaContext or NbdOption.SetMetaContext:
                TakeContexts(option, data);
                break;
            default:
                _replies.Error(option, NbdOptionReply.Unsupported, "This server does not know the option.");
                break;
        }

        return false;
    }

    private Outcome TakeExportName(ReadOnlySpan<byte> data)
    {
        Export export = Find(Encoding.UTF8.GetString(data))
            ?? throw new IOException("The client asked for an export that is not there.");
        Outcome outcome = Choose(export);
        Span<byte> reply = stackalloc byte[10 + 124];
        reply.Clear();
        BinaryPrimitives.WriteInt64BigEndian(reply, export.Device.Length);
        BinaryPrimitives.WriteUInt16BigEndian(reply[8..], (ushort)NbdOptionReplies.FlagsOf(export, _structured));
        transport.Send(_noZeroes ? reply[..10] : reply);
        return outcome;
    }

    private bool TakeGo(NbdOption option, ReadOnlySpan<byte> data, out Outcome? outcome)
    {
        outcome = null;
        var reader = new NbdOptionReader(data);
        if (!reader.TryText(out string name) || !reader.TryUInt16(out int requests) || !reader.IsLeft(requests * 2))
        {
            _replies.Error(option, NbdOptionReply.Invalid, "The option's data does not fit its length.");
            return false;
        }

        if (Find(name) is not { } export)
        {
            _replies.Error(option, NbdOptionReply.Unknown, $"There is no export '{name}' for you.");
            return false;
        }

        try
        {
            outcome = option == NbdOption.Go ? Choose(export) : null;
        }
        catch (BlockException e)
        {
            _replies.Error(option, e.Errno == BlockErrno.ESHUTDOWN ? NbdOptionReply.Shutdown : NbdOptionReply.Policy, e.Message);
            return false;
        }

        _replies.Describe(option, export, _structured, limits.MaxPayload);
        _replies.Ack(option);
        return outcome is not null;
    }

    private void List(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            _replies.Error(NbdOption.List, NbdOptionReply.Invalid, "LIST has no data.");
            return;
        }

        foreach (Export export in exports.All.Where(Admits))
            _replies.Server(export);
        _replies.Ack(NbdOption.List);
    }

    private void StartTls(ReadOnlySpan<byte> data)
    {
        if (tls is null)
        {
            _replies.Error(NbdOption.StartTls, NbdOptionReply.Unsupported, "This server has no certificate.");
            return;
        }

        if (!_replies.AckIf(NbdOption.StartTls, data.IsEmpty && !transport.IsTls))
            return;
        transport.StartTls(tls);
        _structured = false;
        _contextExport = null;
    }

    private void TakeContexts(NbdOption option, ReadOnlySpan<byte> data)
    {
        var reader = new NbdOptionReader(data);
        if (!_structured || !reader.TryText(out string name) || !reader.TryUInt32(out uint queries) || queries > data.Length)
        {
            _replies.Error(option, NbdOptionReply.Invalid, "Metadata contexts need structured replies and well-formed queries.");
            return;
        }

        bool found = option == NbdOption.ListMetaContext && queries == 0;
        for (uint i = 0; i < queries; i++)
        {
            if (!reader.TryText(out string query))
            {
                _replies.Error(option, NbdOptionReply.Invalid, "A query does not fit the option's length.");
                return;
            }

            found |= query == NbdProtocol.AllocationContext || (option == NbdOption.ListMetaContext && query == "base:");
        }

        if (!reader.IsLeft(0) || Find(name) is null)
        {
            _replies.Error(option, reader.IsLeft(0) ? NbdOptionReply.Unknown : NbdOptionReply.Invalid, $"There is no export '{name}' for you.");
            return;
        }

        if (option == NbdOption.SetMetaContext)
            _contextExport = found ? name : null;
        if (found)
            _replies.Context(option);
        _replies.Ack(option);
    }

    private Outcome Choose(Export export) => new(
        export.Open(transport.Client, transport.Host, transport.Shutdown),
        _structured,
        _contextExport is not null && Find(_contextExport) == export);

    // An empty name means the only export there is.
    private Export? Find(string name)
    {
        Export? export = exports.Find(name);
        if (export is null && name.Length == 0 && exports.All is [var only])
            export = only;
        return export is not null && Admits(export) ? export : null;
    }

    private bool Admits(Export export) =>
        transport.Address is null || export.Access.AdmitsNbd(transport.Address, transport.CertificateName, transport.Network);

    private void Drain(NbdOption option, uint length)
    {
        if (length > 16 * limits.MaxOptionBytes)
            throw new IOException("The client sent an option without end.");
        for (int rest = (int)length; rest > 0;)
        {
            int count = Math.Min(rest, _data.Length);
            transport.ReceiveAll(_data.AsSpan(0, count));
            rest -= count;
        }

        _replies.Error(option, NbdOptionReply.TooBig, "The option is too long.");
    }
}
