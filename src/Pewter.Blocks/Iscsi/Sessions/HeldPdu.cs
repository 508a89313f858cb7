using Pewter.Blocks.Iscsi.Wire;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>A copy of a request that came before its turn, and the connection whose it is.</summary>
internal sealed class HeldPdu(IscsiConnection connection, in Pdu pdu)
{
    private readonly byte[] _header = pdu.Header.Bytes.ToArray();
    private readonly byte[] _additional = pdu.Additional.ToArray();
    private readonly byte[] _data = pdu.Data.ToArray();

    public IscsiConnection Connection => connection;

    public Pdu ToPdu() => new(new BasicHeader(_header), _additional, _data, isIntact: true);
}
