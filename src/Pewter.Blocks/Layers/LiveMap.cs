using System.IO.MemoryMappedFiles;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;

namespace Pewter.Blocks.Layers;

/// <summary>
/// Which blocks an open layer holds at this instant, in memory shared with a file: a byte a block, written before a write is acknowledged. It
/// outlives a killed process, as the data in the page cache does, so no acknowledged write is lost though its map page was not flushed. It says
/// nothing after a restart of the machine, which the boot id in its head tells; there only what was flushed counts.
/// </summary>
/// <remarks>States are set under the stripe lock of their page. Opening, growing and closing happen with no write in progress.</remarks>
internal sealed unsafe class LiveMap : IDisposable
{
    private const int HeadBytes = 4096;
    private static readonly byte[] BootId = ReadBootId();
    private readonly SafeFileHandle _file;
    private MemoryMappedFile? _mapping;
    private MemoryMappedViewAccessor? _view;
    private byte* _states;

    public LiveMap(string path, long length)
    {
        _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(_file, BootId, 0);
        Grow(length);
    }

    /// <summary>Reads what a killed process left: for each page with anything in it its states. Nothing after a restart of the machine.</summary>
    public static IEnumerable<(int Page, byte[] States)> ReadLeft(string path)
    {
        if (!File.Exists(path))
            yield break;
        using SafeFileHandle file = File.OpenHandle(path);
        var head = new byte[BootId.Length];
        if (RandomAccess.Read(file, head, 0) < head.Length || !head.AsSpan().SequenceEqual(BootId))
            yield break;
        for (long at = HeadBytes; (at = FileCalls.NextData(file, at)) >= 0;)
        {
            // Data begins at a page of the file, which holds the states of four map pages.
            int page = (int)((at - HeadBytes) / LayerFormat.PageBlocks);
            var states = new byte[LayerFormat.PageBlocks];
            int count = RandomAccess.Read(file, states, StateOffset(page));
            if (states.AsSpan(0, count).IndexOfAnyExcept((byte)0) >= 0)
                yield return (page, states);
            at = StateOffset(page + 1);
        }
    }

    /// <summary>Takes the space of a page's states, since storing into memory cannot fail with ENOSPC.</summary>
    public void Reserve(int page)
    {
        int result = FileCalls.Reserve(_file, StateOffset(page), LayerFormat.PageBlocks);
        if (result is < 0 and not -BlockErrno.ENOTSUP)
            throw new BlockException(-result, $"No space left for the state of a disk (errno {-result}): free some, then repeat.");
    }

    public void Set(int page, int first, int count, LiveState state) =>
        new Span<byte>(_states + ((long)page * LayerFormat.PageBlocks) + first, count).Fill((byte)state);

    /// <summary>Makes room for a longer disk; for a shorter one it stays as it is.</summary>
    public void Grow(long length)
    {
        Unmap();
        long bytes = Math.Max(RandomAccess.GetLength(_file), StateOffset(LayerFormat.PageCount(length)));
        RandomAccess.SetLength(_file, bytes);
        _mapping = MemoryMappedFile.CreateFromFile(_file, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, bytes);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _states = start + HeadBytes;
    }

    public void Dispose()
    {
        Unmap();
        _file.Dispose();
    }

    private static long StateOffset(int page) => HeadBytes + ((long)page * LayerFormat.PageBlocks);

    private void Unmap()
    {
        if (_view is null)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping!.Dispose();
        _view = null;
    }

    private static byte[] ReadBootId() => Encoding.ASCII.GetBytes(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
}
