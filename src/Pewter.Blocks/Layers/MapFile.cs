using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>The map file of one layer; see <see cref="LayerFormat"/>. Reads may come at once; each page is written by one caller at a time.</summary>
internal sealed class MapFile : IDisposable
{
    private const int CleanOffset = 8;
    private readonly StoreFile _file;
    private bool _isClean;

    private MapFile(StoreFile file) => _file = file;

    public long AllocatedBytes => _file.AllocatedBytes;

    /// <summary>Whether any page was ever stored.</summary>
    public bool HasPages => _file.Length > LayerFormat.SlotsOffset;

    /// <summary>Pages that the file can hold at its length.</summary>
    public int PageCount
    {
        get
        {
            const int PageBytes = 2 * LayerFormat.SlotBytes;
            return (int)((Math.Max(0, _file.Length - LayerFormat.SlotsOffset) + PageBytes - 1) / PageBytes);
        }
    }

    public static MapFile Create(StoreFiles files, string name)
    {
        var map = new MapFile(files.Open(name, create: true, writable: true));
        map.WriteHeader();
        return map;
    }

    /// <summary>Opens an existing map. One that its last writer did not close is healed: torn versions, never acknowledged, are wiped.</summary>
    public static MapFile Open(StoreFiles files, string name, bool isSealed)
    {
        var map = new MapFile(files.Open(name, create: false, writable: !isSealed));
        Span<byte> header = stackalloc byte[16];
        header[map.ReadUpTo(0, header)..].Clear();
        ulong magic = BinaryPrimitives.ReadUInt64LittleEndian(header);
        map._isClean = header[CleanOffset] == 1;
        if (magic != LayerFormat.MapMagic && (isSealed || magic != 0))
            throw Damaged(name, "is no map");
        if (magic == 0)
            map.WriteHeader();
        if (!isSealed && !map._isClean)
            map.Heal();
        return map;
    }

    /// <summary>Says on the disk whether every page is whole. Durable before any page written after it.</summary>
    public void MarkClean(bool clean)
    {
        if (_isClean == clean)
            return;
        _file.Write(CleanOffset, [clean ? (byte)1 : (byte)0]);
        _file.Sync();
        _isClean = clean;
    }

    /// <summary>Reads the newest whole version of a page; false when there is none.</summary>
    public bool TryReadPage(int page, Span<uint> entries, out ulong sequence)
    {
        Span<byte> slots = stackalloc byte[2 * LayerFormat.SlotBytes];
        int present = ReadUpTo(LayerFormat.SlotOffset(page, second: false), slots);
        slots[present..].Clear();
        Span<byte> first = slots[..LayerFormat.SlotBytes];
        Span<byte> second = slots[LayerFormat.SlotBytes..];
        ulong a = SequenceOf(first, page);
        ulong b = SequenceOf(second, page);
        sequence = Math.Max(a, b);
        if (sequence == 0)
            return false;
        Span<byte> newest = a > b ? first : second;
        MemoryMarshal.Cast<byte, uint>(newest[LayerFormat.SlotHeaderBytes..]).CopyTo(entries);
        return true;
    }

    /// <summary>Writes a version of a page beside the one before it.</summary>
    public void WritePage(int page, ulong sequence, ReadOnlySpan<uint> entries)
    {
        Span<byte> slot = stackalloc byte[LayerFormat.SlotBytes];
        slot[..LayerFormat.SlotHeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(slot[4..], LayerFormat.SlotMagic);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[8..], (ulong)page);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[16..], sequence);
        MemoryMarshal.AsBytes(entries).CopyTo(slot[LayerFormat.SlotHeaderBytes..]);
        BlockChecksum.Stamp(slot);
        _file.Write(LayerFormat.SlotOffset(page, (sequence & 1) == 1), slot);
    }

    /// <summary>Takes the space of a page now, so that a full disk fails the write that needs it and not a later flush.</summary>
    public void ReservePage(int page) => _file.Reserve(LayerFormat.SlotOffset(page, second: false), 2 * LayerFormat.SlotBytes);

    public byte[] ReadIntents(int bytes)
    {
        var intents = new byte[bytes];
        ReadUpTo(LayerFormat.IntentOffset, intents);
        return intents;
    }

    /// <summary>Stores eight intents; durable after <see cref="Sync"/>.</summary>
    public void WriteIntents(int index, byte intents) => _file.Write(LayerFormat.IntentOffset + index, [intents]);

    public void Sync() => _file.Sync();

    public void Dispose() => _file.Dispose();

    private int ReadUpTo(long offset, Span<byte> buffer)
    {
        int present = (int)Math.Clamp(_file.Length - offset, 0, buffer.Length);
        _file.Read(offset, buffer[..present]);
        return present;
    }

    private void WriteHeader()
    {
        Span<byte> header = stackalloc byte[16];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, LayerFormat.MapMagic);
        _file.Write(0, header);
        _file.Sync();
    }

    // Slots that fail their checksum right after a crash were being written by it. Afterwards such a slot is damage.
    private void Heal()
    {
        Span<byte> slot = stackalloc byte[LayerFormat.SlotBytes];
        for (int i = 0; i < 2 * PageCount; i++)
        {
            long offset = LayerFormat.SlotOffset(i >> 1, (i & 1) == 1);
            long data = _file.NextData(offset);
            if (data >= offset + LayerFormat.SlotBytes)
            {
                i = (int)((data - LayerFormat.SlotsOffset) / LayerFormat.SlotBytes) - 1;
                continue;
            }

            slot[ReadUpTo(offset, slot)..].Clear();
            if (IsWhole(slot, i >> 1) || IsEmpty(slot))
                continue;
            slot.Clear();
            _file.Write(offset, slot);
        }

        _file.Sync();
    }

    private static bool IsEmpty(ReadOnlySpan<byte> slot) => slot.IndexOfAnyExcept((byte)0) < 0;

    private static bool IsWhole(ReadOnlySpan<byte> slot, int page) =>
        BinaryPrimitives.ReadUInt64LittleEndian(slot[8..]) == (ulong)page
        && BinaryPrimitives.ReadUInt32LittleEndian(slot[4..]) == LayerFormat.SlotMagic
        && BlockChecksum.IsStamped(slot);

    private ulong SequenceOf(ReadOnlySpan<byte> slot, int page)
    {
        if (IsWhole(slot, page))
            return BinaryPrimitives.ReadUInt64LittleEndian(slot[16..]);
        if (IsEmpty(slot))
            return 0;
        throw Damaged(_file.Name, $"is damaged where it describes bytes {page * LayerFormat.PageSpan} to {(page + 1) * LayerFormat.PageSpan}");
    }

    private static BlockException Damaged(string name, string what) =>
        new(BlockErrno.EIO, $"The store's file {name} {what}: restore it from a copy, or release what stands on it.");
}
