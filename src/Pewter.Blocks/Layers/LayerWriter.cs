using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>
/// Changes the top layer of one disk. All members may be called at once; each holds the stripe lock of the page it works on, and asks for the
/// stack only under that lock, so a snapshot between two pages is seen.
/// </summary>
internal sealed class LayerWriter(Func<LayerStack> stack, StripeLocks stripes)
{
    /// <summary>Writes. Without <paramref name="wait"/> false means that the disk had to be waited for; the write is then repeated whole.</summary>
    public bool Write(long offset, ReadOnlySpan<byte> data, bool wait)
    {
        while (!data.IsEmpty)
        {
            int page = (int)(offset / LayerFormat.PageSpan);
            int count = (int)Math.Min(data.Length, ((page + 1) * LayerFormat.PageSpan) - offset);
            lock (stripes.Of(page))
            {
                if (!WriteInPage(page, offset, data[..count], wait))
                    return false;
            }

            data = data[count..];
            offset += count;
        }

        return true;
    }

    /// <summary>Makes whole blocks read as zeroes and frees their space.</summary>
    public void Free(long firstBlock, long endBlock)
    {
        while (firstBlock < endBlock)
        {
            int page = (int)(firstBlock >> LayerFormat.PageShift);
            long end = Math.Min(endBlock, (page + 1L) << LayerFormat.PageShift);
            lock (stripes.Of(page))
                FreeInPage(page, firstBlock, end);
            firstBlock = end;
        }
    }

    /// <summary>Copies what lower layers hold of a page into the top. Returns the bytes copied.</summary>
    public long CopyUp(int page)
    {
        const int Step = 64;
        long copied = 0;
        Span<byte> block = stackalloc byte[LayerFormat.BlockSize];
        for (int start = 0; start < LayerFormat.PageBlocks; start += Step)
        {
            // Let go between steps, so that a client's write waits for 256 KiB at most.
            lock (stripes.Of(page))
            {
                SealedLayer? below = stack().Below;
                for (int i = start; below is not null && i < start + Step; i++)
                    copied += CopyUpBlock(stack(), page, i, block);
            }
        }

        return copied;
    }

    private bool WriteInPage(int index, long offset, ReadOnlySpan<byte> data, bool wait)
    {
        LayerStack now = stack();
        OpenLayer open = now.Open!;
        if (!TryPrepare(open, index, wait, out MapPage? page))
            return false;
        if (!TryPermit(open, page!, offset, data.Length, wait))
            return false;
        int head = (int)(-offset & (LayerFormat.BlockSize - 1));
        if (head > 0 || data.Length < LayerFormat.BlockSize)
        {
            head = head == 0 ? data.Length : Math.Min(head, data.Length);
            if (!MergeBlock(now, page!, offset, data[..head], wait))
                return false;
            data = data[head..];
            offset += head;
        }

        int whole = data.Length & ~(LayerFormat.BlockSize - 1);
        if (whole > 0)
            Store(open, page!, offset, data[..whole]);
        return whole == data.Length || MergeBlock(now, page!, offset + whole, data[whole..], wait);
    }

    private static bool TryPrepare(OpenLayer open, int index, bool wait, out MapPage? page)
    {
        page = null;
        if (wait)
            open.EnsureFiles();
        else if (!open.HasFiles || !open.TryPage(index, out _))
            return false;
        page = open.PageForWriting(index);
        return true;
    }

    // Data whose checksum is on the disk may change only under an intent.
    private static bool TryPermit(OpenLayer open, MapPage page, long offset, int length, bool wait)
    {
        if (!open.NeedsIntent(page))
            return true;
        int first = (int)(offset >> LayerFormat.BlockShift) & (LayerFormat.PageBlocks - 1);
        int end = (int)((offset + length - 1) >> LayerFormat.BlockShift) & (LayerFormat.PageBlocks - 1);
        if (page.Entries.AsSpan(first, end - first + 1).IndexOfAnyExceptInRange(LayerFormat.Absent, LayerFormat.Zero) < 0)
            return true;
        if (wait)
            open.EnsureIntent(page);
        return wait;
    }

    private static bool MergeBlock(LayerStack now, MapPage page, long offset, ReadOnlySpan<byte> part, bool wait)
    {
        long start = offset & ~(long)(LayerFormat.BlockSize - 1);
        Span<byte> block = stackalloc byte[LayerFormat.BlockSize];
        if (wait)
            now.Read(start, block);
        else if (!now.TryRead(start, block))
            return false;
        part.CopyTo(block[(int)(offset - start)..]);
        Store(now.Open!, page, start, block);
        return true;
    }

    private static void Store(OpenLayer open, MapPage page, long offset, ReadOnlySpan<byte> blocks)
    {
        int written = 0;
        try
        {
            while (written < blocks.Length)
                written += open.Data!.WriteSome(offset + written, blocks[written..]);
        }
        finally
        {
            // A write that failed half-way has changed what it got to; those blocks are entered as they now are.
            if (written > 0)
                Enter(open, page, offset, blocks, written);
        }
    }

    private static void Enter(OpenLayer open, MapPage page, long offset, ReadOnlySpan<byte> blocks, int written)
    {
        int first = (int)(offset >> LayerFormat.BlockShift) & (LayerFormat.PageBlocks - 1);
        int whole = written >> LayerFormat.BlockShift;
        bool came = false;
        for (int i = 0; i < whole; i++)
        {
            ref uint entry = ref page.Entries[first + i];
            came |= !LayerFormat.IsData(entry);
            Volatile.Write(ref entry, LayerFormat.EntryOf(blocks.Slice(i << LayerFormat.BlockShift, LayerFormat.BlockSize)));
        }

        if ((written & (LayerFormat.BlockSize - 1)) != 0 && LayerFormat.IsData(page.Entries[first + whole]))
        {
            Volatile.Write(ref page.Entries[first + whole], LayerFormat.Unknown);
            came = true;
        }

        open.Note(page, first, whole, LiveState.Data);
        open.DataWritten();
        open.Changed(page, came);
    }

    private void FreeInPage(int index, long firstBlock, long endBlock)
    {
        LayerStack now = stack();
        OpenLayer open = now.Open!;
        ReadOnlySpan<ushort> below = now.Below is null ? FlatPage.Hole : now.Below.Page(index);
        int first = (int)firstBlock & (LayerFormat.PageBlocks - 1);
        int count = (int)(endBlock - firstBlock);
        below = below.Slice(first, count);
        MapPage? page = open.Page(index);
        if (page is null && below.IndexOfAnyExcept((ushort)0) < 0)
            return;
        open.EnsureFiles();
        page = open.PageForWriting(index);
        Span<uint> entries = page.Entries.AsSpan(first, count);
        if (entries.IndexOfAnyExceptInRange(LayerFormat.Absent, LayerFormat.Zero) >= 0)
        {
            open.EnsureIntent(page);
            PunchRuns(open.Data!, entries, firstBlock);
        }

        for (int i = 0; i < count; i++)
        {
            Volatile.Write(ref entries[i], below[i] == 0 ? LayerFormat.Absent : LayerFormat.Zero);
            open.Note(page, first + i, 1, below[i] == 0 ? LiveState.Absent : LiveState.Zero);
        }

        open.Changed(page, blocksCame: true);
    }

    private static void PunchRuns(StoreFile data, ReadOnlySpan<uint> entries, long firstBlock)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            int end = i;
            while (end < entries.Length && LayerFormat.IsData(entries[end]))
                end++;
            if (end == i)
                continue;
            data.PunchHole((firstBlock + i) << LayerFormat.BlockShift, (long)(end - i) << LayerFormat.BlockShift);
            i = end;
        }
    }

    private static long CopyUpBlock(LayerStack now, int index, int inPage, Span<byte> block)
    {
        OpenLayer open = now.Open!;
        if (now.Below!.Page(index)[inPage] == 0 || open.Page(index) is { } own && own.Entries[inPage] != LayerFormat.Absent)
            return 0;
        long offset = (index * LayerFormat.PageSpan) + ((long)inPage << LayerFormat.BlockShift);
        now.Read(offset, block);
        open.EnsureFiles();
        Store(open, open.PageForWriting(index), offset, block);
        return block.Length;
    }
}
