using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>The kept state of a disk: a file of its store, replaced by renaming, that begins with a checksum of the rest.</summary>
internal sealed class DiskState(StoreFiles files, string disk) : KeptState
{
    private const int HeadBytes = 4;

    public override ReadOnlyMemory<byte> Read()
    {
        string name = LayerFiles.State(disk);
        if (!files.Exists(name))
            return default;
        using StoreFile file = files.Open(name, create: false, writable: false);
        var record = new byte[file.Length];
        file.Read(0, record);
        if (record.Length < HeadBytes || !BlockChecksum.IsStamped(record))
            throw new BlockException(BlockErrno.EIO, $"{name} is damaged: remove it to forget disk {disk}'s reservations.");
        return record.AsMemory(HeadBytes);
    }

    public override void Write(ReadOnlySpan<byte> state)
    {
        string name = LayerFiles.State(disk);
        if (state.IsEmpty)
        {
            files.Delete(name);
            files.Sync();
            return;
        }

        var record = new byte[HeadBytes + state.Length];
        state.CopyTo(record.AsSpan(HeadBytes));
        BlockChecksum.Stamp(record);
        string next = LayerFiles.NextState(disk);
        using (StoreFile file = files.Open(next, create: true, writable: true))
        {
            file.Truncate(0);
            file.Write(0, record);
            file.Sync();
        }

        files.Rename(next, name);
        files.Sync();
    }
}
