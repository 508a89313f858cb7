using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>
/// An immutable layer and, through <see cref="Parent"/>, all below it. <see cref="Find(long)"/> answers from a map flattened over the whole
/// lineage, built a page (4 MiB) at a time when first asked and shared by every disk that stands here, so a read costs one look-up at any depth.
/// </summary>
/// <remarks>All members may be called at once. Files are opened at first use and checked against what was sealed.</remarks>
internal sealed class SealedLayer : IDisposable
{
    public const int MaxDepth = ushort.MaxValue - 1;
    private readonly StoreFiles _files;
    private readonly Lock _lock = new();
    private readonly SealedLayer[] _lineage;
    private readonly ushort[]?[]?[] _directories;
    private MapFile? _map;
    private StoreFile? _data;
    private ushort[]? _uniform;

    public SealedLayer(StoreFiles files, string id, long length, SealedFiles sealedFiles, SealedLayer? parent, StoreFile? data = null)
    {
        _files = files;
        Id = id;
        Length = length;
        Parent = parent;
        Sealed = sealedFiles;
        _data = data;
        _data?.Freeze();
        _lineage = parent is null ? [this] : [.. parent._lineage, this];
        _directories = new ushort[]?[]?[(LayerFormat.PageCount(length) + 255) >> 8];
    }

    public string Id { get; }

    public long Length { get; }

    public SealedLayer? Parent { get; }

    /// <summary>What its files looked like when it was sealed.</summary>
    public SealedFiles Sealed { get; }

    /// <summary>1 at the root; the value that map entries have for this layer.</summary>
    public int Depth => _lineage.Length;

    /// <summary>The data file of the layer at a depth of this lineage, if it is open already.</summary>
    public StoreFile? OpenDataAt(int depth) => Volatile.Read(ref _lineage[depth - 1]._data);

    /// <summary>The data file of the layer at a depth of this lineage.</summary>
    public StoreFile DataAt(int depth) => _lineage[depth - 1].Data();

    /// <summary>The depth of the layer that holds a block, 0 when none does. False when the map's page must first be built.</summary>
    public bool TryFind(long block, out int depth)
    {
        int page = (int)(block >> LayerFormat.PageShift);
        depth = 0;
        if (page >> 8 >= _directories.Length)
            return true;
        ushort[]? entries = _directories[page >> 8]?[page & 255];
        if (entries is null)
            return false;
        depth = entries[(int)block & (LayerFormat.PageBlocks - 1)];
        return true;
    }

    /// <summary>The depth of the layer that holds a block, 0 when none does.</summary>
    public int Find(long block) => Page((int)(block >> LayerFormat.PageShift))[(int)block & (LayerFormat.PageBlocks - 1)];

    /// <summary>The depths of a whole page; shared, never written.</summary>
    public ReadOnlySpan<ushort> Page(int index)
    {
        if (index >> 8 >= _directories.Length)
            return FlatPage.Hole;
        if (_directories[index >> 8]?[index & 255] is { } page)
            return page;
        lock (_lock)
        {
            ushort[]?[] directory = _directories[index >> 8] ?? new ushort[]?[256];
            page = directory[index & 255] ?? Build(index);
            Volatile.Write(ref directory[index & 255], page);
            Volatile.Write(ref _directories[index >> 8], directory);
            return page;
        }
    }

    /// <summary>Reads this layer's own entries of a page; false when it has none there.</summary>
    public bool TryReadOwn(int index, Span<uint> entries) => Sealed.HasFiles && Map().TryReadPage(index, entries, out _);

    public int OwnPageCount => Sealed.HasFiles ? Map().PageCount : 0;

    public long AllocatedBytes => Sealed.HasFiles ? Data().AllocatedBytes + Map().AllocatedBytes : 0;

    public StoreFile Data()
    {
        if (Volatile.Read(ref _data) is { } data)
            return data;
        lock (_lock)
        {
            if (_data is not null)
                return _data;
            data = OpenChecked();
            Volatile.Write(ref _data, data);
            return data;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _map?.Dispose();
            _data?.Dispose();
        }
    }

    private MapFile Map()
    {
        lock (_lock)
            return _map ??= MapFile.Open(_files, LayerFiles.Map(Id), isSealed: true);
    }

    private StoreFile OpenChecked()
    {
        string name = LayerFiles.Data(Id);
        if (!_files.Exists(name))
            throw new BlockException(BlockErrno.EIO, $"Layer {Id} cannot be read: its file {name} has vanished from the store.");
        StoreFile data = _files.Open(name, create: false, writable: false);
        if (data.Length == Sealed.DataLength && data.ModifiedAt == Sealed.ModifiedAt)
        {
            data.Freeze();
            return data;
        }

        var altered = new BlockException(
            BlockErrno.EIO,
            $"Layer {Id} cannot be trusted: {name} was altered after it was sealed ({data.Length} bytes of {data.ModifiedAt:O}, "
            + $"was {Sealed.DataLength} bytes of {Sealed.ModifiedAt:O}). Restore it from a copy.");
        data.Dispose();
        throw altered;
    }

    // Walks down to the nearest layer whose page is built and lays the layers above over it, without keeping anything in between.
    private ushort[] Build(int index)
    {
        var above = new Stack<SealedLayer>();
        ushort[] page = FlatPage.Hole;
        for (SealedLayer? layer = this; layer is not null; layer = layer.Parent)
        {
            if (layer != this && layer.BuiltPage(index) is { } built)
            {
                page = built;
                break;
            }

            above.Push(layer);
        }

        Span<uint> own = stackalloc uint[LayerFormat.PageBlocks];
        while (above.TryPop(out SealedLayer? layer))
        {
            if (layer.TryReadOwn(index, own))
                page = FlatPage.Overlay(page, own, (ushort)layer.Depth);
        }

        return Shared(page);
    }

    private ushort[]? BuiltPage(int index) => index >> 8 < _directories.Length ? _directories[index >> 8]?[index & 255] : null;

    // A page wholly in this layer, the usual one of an imported image, is kept once.
    private ushort[] Shared(ushort[] page)
    {
        if (page == FlatPage.Hole || page.AsSpan().IndexOfAnyExcept((ushort)Depth) >= 0)
            return page;
        return _uniform ??= page;
    }
}
