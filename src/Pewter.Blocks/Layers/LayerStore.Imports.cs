namespace Pewter.Blocks.Layers;

/// <content>Imports: a disk that cannot be opened, filled and then published as a layer by one record.</content>
public sealed partial class LayerStore
{
    /// <summary>Begins an import, or finds the one of the same name and source that was interrupted.</summary>
    internal async ValueTask<DiskInfo> BeginImportAsync(string name, string source, long length, CancellationToken cancellation)
    {
        if (FindLayer(name) is not null)
            throw new BlockException(BlockErrno.EEXIST, $"The name {name} is taken.");
        if (FindDisk(ImportName(name)) is not { } present)
            return (await CreateAsync(new Wish(1, ImportName(name), null, length) { Import = source }, cancellation))[0];
        if (present.Import != source)
            throw new BlockException(BlockErrno.EBUSY, $"{name} is being imported from {present.Import}: complete or drop that first.");
        return present;
    }

    /// <summary>Forgets an import that was interrupted; nothing happens when there is none of the name.</summary>
    public async ValueTask DropImportAsync(string name, CancellationToken cancellation)
    {
        if (FindDisk(ImportName(name)) is { } import)
            await DeleteDiskAsync(import.Id, cancellation);
    }

    internal LayeredDevice OpenImport(DiskInfo import) => OpenWriter(Disk(import.Id));

    /// <summary>Records how far an import is durable.</summary>
    internal async ValueTask ProgressAsync(LayeredDevice device, long bytes, CancellationToken cancellation)
    {
        await device.FlushAsync(cancellation);
        await _gate.WaitAsync(cancellation);
        try
        {
            Commit(new StoreRecord(StoreOperation.Progress) { Disk = device.Id, Length = bytes, Next = _state.Next });
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Turns a filled disk into a layer. The device's layer is sealed; it is closed and can only be disposed of.</summary>
    internal async ValueTask<LayerInfo> PublishAsync(LayeredDevice device, string name, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            RefuseTaken(name, FindLayer);
            string layer = Disk(device.Id).Top;
            await device.SwapAsync(
                open =>
                {
                    Commit(new StoreRecord(StoreOperation.Publish)
                    {
                        Disk = device.Id, Layer = layer, Name = name, Length = device.Length, Sealed = FilesOf(open), Next = _state.Next,
                    });
                    return device.Stack;
                },
                cancellation);
            await device.DisposeAsync();
            return Layer(layer);
        }
        finally
        {
            _gate.Release();
        }
    }

    internal static string ImportName(string name) => "import:" + name;
}
