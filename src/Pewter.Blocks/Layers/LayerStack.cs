using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>What reads look through: a disk's writable top, if it has one, over a sealed lineage, if there is one. Immutable.</summary>
internal sealed class LayerStack(OpenLayer? open, SealedLayer? below)
{
    private const int InPage = LayerFormat.PageBlocks - 1;

    public OpenLayer? Open { get; } = open;

    public SealedLayer? Below { get; } = below;

    /// <summary>The file that holds a block, null for zeroes. False when finding out has to wait for the disk.</summary>
    public bool TrySource(long block, out StoreFile? file)
    {
        file = null;
        if (Open is not null)
        {
            if (!Open.TryPage((int)(block >> LayerFormat.PageShift), out MapPage? page))
                return false;
            uint entry = page is null ? LayerFormat.Absent : Volatile.Read(ref page.Entries[(int)block & InPage]);
            if (entry != LayerFormat.Absent)
            {
                file = LayerFormat.IsData(entry) ? Open.Data : null;
                return true;
            }
        }

        if (Below is null)
            return true;
        if (!Below.TryFind(block, out int depth))
            return false;
        file = depth == 0 ? null : Below.OpenDataAt(depth);
        return depth == 0 || file is not null;
    }

    /// <summary>The file that holds a block, null for zeroes.</summary>
    public StoreFile? Source(long block)
    {
        if (TrySource(block, out StoreFile? file))
            return file;
        Open?.Page((int)(block >> LayerFormat.PageShift));
        int depth = Below?.Find(block) ?? 0;
        if (depth > 0)
            Below!.DataAt(depth);
        TrySource(block, out file);
        return file;
    }

    /// <summary>Reads if no disk has to be waited for.</summary>
    public bool TryRead(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (!TrySource(offset >> LayerFormat.BlockShift, out StoreFile? file))
                return false;
            int count = RunLength(offset, buffer.Length, file);
            Span<byte> run = buffer[..count];
            if (file is null)
                run.Clear();
            else if (!file.TryRead(offset, run))
                return false;
            buffer = buffer[count..];
            offset += count;
        }

        return true;
    }

    public void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            StoreFile? file = Source(offset >> LayerFormat.BlockShift);
            int count = RunLength(offset, buffer.Length, file);
            if (file is null)
                buffer[..count].Clear();
            else
                file.Read(offset, buffer[..count]);
            buffer = buffer[count..];
            offset += count;
        }
    }

    /// <summary>How many bytes from <paramref name="offset"/> on come from <paramref name="file"/>, at least those of the first block.</summary>
    public int RunLength(long offset, int length, StoreFile? file)
    {
        long end = ((offset >> LayerFormat.BlockShift) + 1) << LayerFormat.BlockShift;
        long limit = offset + length;
        while (end < limit && TrySource(end >> LayerFormat.BlockShift, out StoreFile? next) && next == file)
            end += LayerFormat.BlockSize;
        return (int)(Math.Min(end, limit) - offset);
    }
}
