using System.Buffers;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// One command on its way through a logical unit. Its transport owns it, fills in the request, has it planned, moves
/// what the plan says, and reuses it after <see cref="Reset"/>; one thread at a time.
/// </summary>
internal sealed class ScsiTask
{
    public const int CdbLength = 16;

    private byte[]? _dataIn;

    /// <summary>The command descriptor block, zero-filled to 16 bytes.</summary>
    public byte[] Cdb { get; } = new byte[CdbLength];

    /// <summary>The path it came by: initiator, target port and logical unit.</summary>
    public Nexus Nexus { get; set; } = null!;

    public LogicalUnit Unit => Nexus.Unit;

    /// <summary>Bytes the initiator says it sends, whatever the CDB asks for.</summary>
    public uint ExpectedOut { get; set; }

    public ScsiCommand? Command { get; set; }

    public ScsiTransfer Transfer { get; private set; }

    /// <summary>Bytes from the start of the device, for extents.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes the command descriptor block asks to move.</summary>
    public long TransferLength { get; private set; }

    /// <summary>The write must be durable before the command ends.</summary>
    public bool Fua { get; private set; }

    /// <summary>Parameter data or blocks from the initiator, shorter than asked when the initiator sent less.</summary>
    public ReadOnlyMemory<byte> DataOut { get; set; }

    /// <summary>What the initiator gets.</summary>
    public ReadOnlySpan<byte> DataIn => _dataIn.AsSpan(0, DataInLength);

    public int DataInLength { get; private set; }

    public ScsiStatus Status { get; private set; }

    public Sense Sense { get; private set; }

    public void PlanExtent(ScsiTransfer transfer, long offset, long length, bool fua)
    {
        (Transfer, Offset, TransferLength, Fua) = (transfer, offset, length, fua);
    }

    public void PlanTransfer(ScsiTransfer transfer, long length) => (Transfer, TransferLength) = (transfer, length);

    /// <summary>A zeroed buffer for the reply, cut later to the CDB's allocation length.</summary>
    public Span<byte> BeginDataIn(int length)
    {
        if (_dataIn is null || _dataIn.Length < length)
            ReplaceBuffer(length);
        DataInLength = length;
        Span<byte> span = _dataIn.AsSpan(0, length);
        span.Clear();
        return span;
    }

    /// <summary>Says how much of the buffer is the reply, at most what the initiator allotted.</summary>
    public void EndDataIn(int length) => DataInLength = (int)Math.Min(length, TransferLength);

    public void Fail(in Sense sense)
    {
        Status = ScsiStatus.CheckCondition;
        Sense = sense;
        DataInLength = 0;
    }

    public void Fail(ScsiStatus status)
    {
        Status = status;
        DataInLength = 0;
    }

    public void Reset()
    {
        if (_dataIn is { Length: > 4096 })
            ReplaceBuffer(0);
        Nexus = null!;
        Command = null;
        DataOut = default;
        ExpectedOut = 0;
        (Transfer, Offset, TransferLength, Fua) = (ScsiTransfer.None, 0, 0, false);
        (Status, Sense, DataInLength) = (ScsiStatus.Good, default, 0);
    }

    private void ReplaceBuffer(int length)
    {
        if (_dataIn is not null)
            ArrayPool<byte>.Shared.Return(_dataIn);
        _dataIn = length == 0 ? null : ArrayPool<byte>.Shared.Rent(length);
    }
}
