using System.Buffers;
using Pewter.Blocks.Iscsi.Transfers;
using Pewter.Blocks.Scsi;

namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// A SCSI command under way in a session, reused. While it runs inline it belongs to the thread that runs it; once
/// parked it is in the session's table, and <see cref="IsAborted"/> is set by others.
/// </summary>
internal sealed class IscsiTask
{
    private volatile bool _isAborted;

    public ScsiTask Scsi { get; } = new();

    public IscsiConnection Connection { get; private set; } = null!;

    public ulong Lun { get; private set; }

    public uint Tag { get; private set; }

    public uint CmdSn { get; private set; }

    /// <summary>Expected data transfer length.</summary>
    public uint Expected { get; private set; }

    public bool Reads { get; private set; }

    public bool Writes { get; private set; }

    /// <summary>Its place in the command window is taken; not so for immediate delivery.</summary>
    public bool IsImmediate { get; private set; }

    /// <summary>Progress of data to the initiator.</summary>
    public DataInProgress Sending;

    /// <summary>Progress of data from the initiator.</summary>
    public DataOutProgress Receiving;

    /// <summary>Data being gathered; the first <see cref="DataOutProgress.Needed"/> bytes count.</summary>
    public byte[]? Buffer { get; private set; }

    /// <summary>Nothing more is to be sent for it.</summary>
    public bool IsAborted
    {
        get => _isAborted;
        set => _isAborted = value;
    }

    /// <summary>Bytes of the session's write allowance it holds.</summary>
    public int Charged { get; set; }

    /// <summary>It is in the session's table.</summary>
    public bool IsParked { get; set; }

    /// <summary>The unit wants sense data as descriptors; a unit that does not exist wants nothing.</summary>
    public bool DescriptorSense => Scsi.Nexus is { } nexus && nexus.Unit.Modes.DescriptorSense;

    /// <summary>Its data is complete and the device works on it.</summary>
    public bool IsExecuting { get; set; }

    public void Start(IscsiConnection connection, in Wire.BasicHeader header)
    {
        Connection = connection;
        Lun = header.Lun;
        Tag = header.TaskTag;
        CmdSn = header.CmdSn;
        Expected = header.Word20;
        Reads = (header.Flags & 0x40) != 0;
        Writes = (header.Flags & 0x20) != 0;
        IsImmediate = header.IsImmediate;
        header.Bytes[32..48].CopyTo(Scsi.Cdb);
    }

    public Span<byte> RentBuffer(int length)
    {
        Buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        return Buffer.AsSpan(0, length);
    }

    public void Reset()
    {
        Scsi.Reset();
        if (Buffer is not null)
            ArrayPool<byte>.Shared.Return(Buffer);
        Buffer = null;
        Sending = default;
        Receiving = default;
        (Charged, IsParked, IsExecuting, IsAborted) = (0, false, false, false);
    }
}
