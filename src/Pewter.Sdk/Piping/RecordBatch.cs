using System.Buffers;

namespace Pewter.Sdk.Piping;

/// <summary>Records on their way to one target. Used by one task.</summary>
internal struct RecordBatch
{
    private ArrayBufferWriter<byte>? _bytes;
    private int _records;

    /// <summary>Adds a record; one without a newline, the last of a stream, gets it.</summary>
    public void Add(ReadOnlySpan<byte> record)
    {
        _bytes ??= new ArrayBufferWriter<byte>();
        _bytes.Write(record);
        if (record[^1] != '\n')
        {
            _bytes.Write("\n"u8);
        }

        _records++;
    }

    /// <summary>Takes all that was added; the bytes are the taker's.</summary>
    public (int Records, ReadOnlyMemory<byte> Bytes) Take()
    {
        var taken = (_records, _bytes?.WrittenMemory ?? default);
        (_bytes, _records) = (null, 0);
        return taken;
    }
}
