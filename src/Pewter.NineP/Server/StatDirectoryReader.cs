using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Reads a directory as 9P2000 does: whole stat entries, from the start or from where the last read ended (read(5)).</summary>
internal sealed class StatDirectoryReader(Session session)
{
    // Names looked at for one reply: a stat entry has 65 bytes at least, and what does not fit is asked for again.
    private const int PageEntries = 512;

    public async ValueTask ReadAsync(Request request, Fid fid, OpenFile open, ulong offset, int count)
    {
        var position = fid.Directory;
        if (position.IsBusy)
            throw new FileException(Errno.EBUSY, "The directory is being read through this fid.");
        if (offset == 0)
            position.Rewind();
        if (offset != position.Offset)
            throw new FileException(Errno.EINVAL, "A directory can only be read on or from its start.");
        position.IsBusy = true;
        try
        {
            await FillAsync(request, fid, open, count);
        }
        finally
        {
            position.IsBusy = false;
        }
    }

    private async ValueTask FillAsync(Request request, Fid fid, OpenFile open, int count)
    {
        var buffer = request.Rent(session.Requests.Budget(request, count));
        var used = 0;
        var cookie = fid.Directory.Cookie;
        while (true)
        {
            var page = new NamePage(Math.Clamp((buffer.Length - used) / 64, 1, PageEntries));
            await open.ReadDirectoryAsync(cookie, page, request.Token);
            var before = used;
            foreach (var entry in page.Entries)
            {
                var size = await WriteEntryAsync(request, fid, entry.Name, buffer[used..]);
                if (size < 0)
                {
                    Answer(request, fid, buffer, used, cookie, isFull: true);
                    return;
                }

                used += size;
                cookie = entry.Cookie;
            }

            if (page.Entries.Count == 0 || used > before)
                break;
        }

        Answer(request, fid, buffer, used, cookie, isFull: false);
    }

    private void Answer(Request request, Fid fid, Memory<byte> buffer, int used, ulong cookie, bool isFull)
    {
        if (used == 0 && isFull)
            throw new FileException(Errno.EINVAL, "The count is too small for the next entry.");
        fid.Directory.Advance(used, cookie);
        session.Replies.Send(request, new Rread { Data = buffer.Span[..used] });
    }

    /// <summary>Writes one entry. 0 when the file has gone meanwhile, -1 when the entry does not fit.</summary>
    private static async ValueTask<int> WriteEntryAsync(Request request, Fid fid, string name, Memory<byte> room)
    {
        try
        {
            var child = await fid.File.WalkAsync(name, fid.Caller, request.Token);
            if (child is null)
                return 0;
            var stat = await child.StatAsync(fid.Caller, request.Token);
            return StatEncoding.TryWrite(room.Span, name, stat);
        }
        catch (FileException)
        {
            // One entry that cannot be looked at must not make the whole directory unreadable.
            return 0;
        }
    }

    /// <summary>Names and cookies of a piece of the directory.</summary>
    private sealed class NamePage(int capacity) : DirectoryPage
    {
        public List<(string Name, ulong Cookie)> Entries { get; } = new(capacity);

        public override bool TryAdd(Qid qid, ulong cookie, string name)
        {
            if (Entries.Count == capacity)
                return false;
            Entries.Add((name, cookie));
            return true;
        }
    }
}
