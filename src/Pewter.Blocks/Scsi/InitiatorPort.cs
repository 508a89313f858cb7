using System.Globalization;
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// The initiator's end of a nexus: reservations belong to it and outlive its sessions (RFC 7143 3.4.2).
/// </summary>
/// <param name="Name">iSCSI name, lower case.</param>
/// <param name="Isid">The 48-bit initiator session id.</param>
internal sealed record InitiatorPort(string Name, ulong Isid)
{
    /// <summary>The SCSI port name.</summary>
    public string PortName => string.Create(CultureInfo.InvariantCulture, $"{Name},i,0x{Isid:x12}");

    /// <summary>The TransportID of PERSISTENT RESERVE IN (SPC-4 7.6.4.6, format 01b).</summary>
    public byte[] TransportId()
    {
        int text = Encoding.UTF8.GetByteCount(PortName) + 1;
        int padded = Math.Max(20, (text + 3) & ~3);
        var id = new byte[4 + padded];
        id[0] = 0x45;
        WriteUInt16BigEndian(id.AsSpan(2), (ushort)padded);
        Encoding.UTF8.GetBytes(PortName, id.AsSpan(4));
        return id;
    }
}
