using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>Reads every block that layers hold and compares checksums; one caller at a time.</summary>
internal sealed class LayerVerifier(CancellationToken cancellation)
{
    // Enough to say that a file is bad; a list of every block of it would help nobody.
    private const int MaxDamages = 1000;
    private readonly List<BlockDamage> _damages = [];
    private readonly byte[] _block = new byte[LayerFormat.BlockSize];
    private long _checked;
    private long _unknown;

    public VerifyReport Report => new(_checked, _unknown, _damages);

    public void Check(SealedLayer layer)
    {
        var entries = new uint[LayerFormat.PageBlocks];
        for (int page = 0; page < layer.OwnPageCount; page++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (layer.TryReadOwn(page, entries))
                    CheckPage(layer.Id, layer.Data(), page, entries, adopt: false);
            }
            catch (BlockException e)
            {
                Add(new BlockDamage(layer.Id, page * LayerFormat.PageSpan, e.Message));
            }
        }
    }

    /// <summary>Checks a top layer beside its writers; checksums that a crash took are computed again.</summary>
    public void Check(OpenLayer open, long length, StripeLocks stripes)
    {
        for (int index = 0; open.HasFiles && index < LayerFormat.PageCount(length); index++)
        {
            cancellation.ThrowIfCancellationRequested();
            lock (stripes.Of(index))
            {
                try
                {
                    if (open.Page(index) is { } page && CheckPage(open.Id, open.Data!, index, page.Entries, adopt: true))
                        open.Changed(page, blocksCame: true);
                }
                catch (BlockException e)
                {
                    Add(new BlockDamage(open.Id, index * LayerFormat.PageSpan, e.Message));
                }
            }
        }
    }

    private bool CheckPage(string layer, StoreFile data, int page, uint[] entries, bool adopt)
    {
        bool adopted = false;
        for (int i = 0; i < entries.Length; i++)
        {
            if (!LayerFormat.IsData(entries[i]))
                continue;
            long offset = (page * LayerFormat.PageSpan) + ((long)i << LayerFormat.BlockShift);
            if (!TryReadBlock(layer, data, offset))
                continue;
            uint entry = LayerFormat.EntryOf(_block);
            if (entries[i] == LayerFormat.Unknown)
            {
                _unknown++;
                entries[i] = adopt ? entry : entries[i];
                adopted |= adopt;
            }
            else if (entries[i] == entry)
            {
                _checked++;
            }
            else
            {
                Add(new BlockDamage(layer, offset, $"The block at {offset} of layer {layer} is not what was written: its checksum differs."));
            }
        }

        return adopted;
    }

    private bool TryReadBlock(string layer, StoreFile data, long offset)
    {
        try
        {
            data.Read(offset, _block);
            return true;
        }
        catch (BlockException e)
        {
            Add(new BlockDamage(layer, offset, e.Message));
            return false;
        }
    }

    private void Add(BlockDamage damage)
    {
        if (_damages.Count < MaxDamages)
            _damages.Add(damage);
    }
}
