namespace Pewter.Blocks.Layers;

/// <summary>
/// Stores changed pages: copies them under their locks, makes the data durable that the copies speak of, then writes the copies and makes
/// them durable. A page that fails stays changed.
/// </summary>
internal sealed class MapPersister(MapFile map, Func<int, Lock> stripeOf, Action syncData, Action syncMap)
{
    // Bounds the copies to 4 MiB whatever the disk's size.
    private const int Batch = 1024;

    public void Store(List<MapPage> pages, Action<MapPage> putBack)
    {
        var copies = new uint[Math.Min(Batch, pages.Count)][];
        for (int start = 0; start < pages.Count; start += Batch)
        {
            List<MapPage> batch = pages[start..Math.Min(pages.Count, start + Batch)];
            try
            {
                StoreBatch(batch, copies);
            }
            catch (BlockException)
            {
                foreach (MapPage page in pages[start..])
                    Restore(page, putBack);
                throw;
            }
        }
    }

    private void StoreBatch(List<MapPage> batch, uint[][] copies)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            copies[i] ??= new uint[LayerFormat.PageBlocks];
            lock (stripeOf(batch[i].Index))
            {
                batch[i].Entries.CopyTo(copies[i], 0);
                batch[i].MustPersist = false;
                batch[i].ChecksumsChanged = false;
                batch[i].IsStored = true;
            }
        }

        syncData();
        map.MarkClean(false);
        for (int i = 0; i < batch.Count; i++)
            map.WritePage(batch[i].Index, batch[i].Sequence + 1, copies[i]);
        syncMap();
        foreach (MapPage page in batch)
        {
            lock (stripeOf(page.Index))
                page.Sequence++;
        }
    }

    private void Restore(MapPage page, Action<MapPage> putBack)
    {
        lock (stripeOf(page.Index))
        {
            page.ChecksumsChanged = true;
            if (!page.MustPersist)
                putBack(page);
            page.MustPersist = true;
        }
    }
}
