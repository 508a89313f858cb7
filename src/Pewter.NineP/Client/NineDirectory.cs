using System.Runtime.CompilerServices;
using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>Operations on directories of a server.</summary>
public static class NineDirectory
{
    /// <summary>
    /// Lists an open directory. Entries that come or go meanwhile may or may not be seen; the others are seen exactly once.
    /// </summary>
    /// <param name="directory">A directory that has been opened.</param>
    /// <param name="cookie">Starts after the entry with this cookie; 0 from the start. 9P2000 starts always there.</param>
    /// <param name="cancellation">Stops.</param>
    public static async IAsyncEnumerable<NineEntry> ReadDirectoryAsync(
        this NineFile directory, ulong cookie = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var position = directory.Client.Dialect == Dialect.NineP2000L ? cookie : 0;
        while (true)
        {
            var page = directory.Client.Dialect == Dialect.NineP2000L
                ? await ReadLinuxPageAsync(directory, position, cancellation)
                : await ReadPlan9PageAsync(directory, position, cancellation);
            if (page.Entries.Count == 0)
                yield break;
            position = page.Next;
            foreach (var entry in page.Entries)
                yield return entry;
        }
    }

    /// <summary>Creates a directory in this one.</summary>
    public static async Task<Qid> MakeDirectoryAsync(
        this NineFile directory, string name, uint mode, CancellationToken cancellation = default)
    {
        if (directory.Client.Dialect == Dialect.NineP2000)
            return await MakePlan9DirectoryAsync(directory, name, mode, cancellation);
        using var call = await directory.Client.Connection.EnterAsync(cancellation);
        call.Send(new Tmkdir { Directory = directory.Fid, Name = Encoding.UTF8.GetBytes(name), Mode = mode, Gid = uint.MaxValue });
        await call.ReceiveAsync(cancellation);
        return call.Read<Rmkdir>().Qid;
    }

    /// <summary>Creates a symbolic link in this directory. 9P2000.L only.</summary>
    public static async Task<Qid> SymlinkAsync(
        this NineFile directory, string name, string target, CancellationToken cancellation = default)
    {
        RequireLinux(directory);
        using var call = await directory.Client.Connection.EnterAsync(cancellation);
        call.Send(new Tsymlink
        {
            Directory = directory.Fid,
            Name = Encoding.UTF8.GetBytes(name),
            Target = Encoding.UTF8.GetBytes(target),
            Gid = uint.MaxValue,
        });
        await call.ReceiveAsync(cancellation);
        return call.Read<Rsymlink>().Qid;
    }

    /// <summary>Reads where a symbolic link leads. 9P2000.L only.</summary>
    public static async Task<string> ReadLinkAsync(this NineFile link, CancellationToken cancellation = default)
    {
        RequireLinux(link);
        using var call = await link.Client.Connection.EnterAsync(cancellation);
        call.Send(new Treadlink { Fid = link.Fid });
        await call.ReceiveAsync(cancellation);
        return Encoding.UTF8.GetString(call.Read<Rreadlink>().Target);
    }

    /// <summary>Removes an entry of this directory: with <paramref name="isDirectory"/> only an empty directory, else only a file.</summary>
    public static async Task UnlinkAsync(
        this NineFile directory, string name, bool isDirectory = false, CancellationToken cancellation = default)
    {
        if (directory.Client.Dialect == Dialect.NineP2000)
        {
            var child = await directory.WalkAsync([name], cancellation);
            await child.RemoveAsync(cancellation);
            return;
        }

        using var call = await directory.Client.Connection.EnterAsync(cancellation);
        var flags = isDirectory ? Protocol.RemoveDirectory : 0;
        call.Send(new Tunlinkat { Directory = directory.Fid, Name = Encoding.UTF8.GetBytes(name), Flags = flags });
        await call.ReceiveAsync(cancellation);
    }

    /// <summary>Renames an entry, possibly into another directory; 9P2000 can do it in place only.</summary>
    public static async Task RenameAsync(
        this NineFile directory, string name, NineFile newDirectory, string newName, CancellationToken cancellation = default)
    {
        if (directory.Client.Dialect == Dialect.NineP2000)
        {
            await RenamePlan9Async(directory, name, newDirectory, newName, cancellation);
            return;
        }

        using var call = await directory.Client.Connection.EnterAsync(cancellation);
        call.Send(new Trenameat
        {
            OldDirectory = directory.Fid,
            OldName = Encoding.UTF8.GetBytes(name),
            NewDirectory = newDirectory.Fid,
            NewName = Encoding.UTF8.GetBytes(newName),
        });
        await call.ReceiveAsync(cancellation);
    }

    private static async Task RenamePlan9Async(
        NineFile directory, string name, NineFile newDirectory, string newName, CancellationToken cancellation)
    {
        if (newDirectory.Qid.Path != directory.Qid.Path)
            throw new FileException(Errno.EXDEV, "9P2000 renames within a directory only.");
        await using var child = await directory.WalkAsync([name], cancellation);
        await child.ChangeStatAsync(new StatChange { Name = newName }, cancellation);
    }

    private static async Task<Qid> MakePlan9DirectoryAsync(
        NineFile directory, string name, uint mode, CancellationToken cancellation)
    {
        await using var made = await directory.WalkAsync([], cancellation);
        await made.CreateAsync(name, OpenFlags.ReadOnly, mode | StatEntry.DirectoryMode, cancellation);
        return made.Qid;
    }

    private static void RequireLinux(NineFile file)
    {
        if (file.Client.Dialect != Dialect.NineP2000L)
            throw new FileException(Errno.EOPNOTSUPP, "9P2000 has no symbolic links.");
    }

    private static async Task<(List<NineEntry> Entries, ulong Next)> ReadLinuxPageAsync(
        NineFile directory, ulong cookie, CancellationToken cancellation)
    {
        using var call = await directory.Client.Connection.EnterAsync(cancellation);
        call.Send(new Treaddir { Fid = directory.Fid, Offset = cookie, Count = (uint)directory.Client.MaxData });
        await call.ReceiveAsync(cancellation);
        var entries = new List<NineEntry>();
        var reader = new MessageReader(call.Read<Rreaddir>().Data, Dialect.NineP2000L);
        while (reader.HasMore)
        {
            var qid = reader.ReadQid();
            cookie = reader.ReadUInt64();
            reader.ReadByte();
            entries.Add(new NineEntry(Encoding.UTF8.GetString(reader.ReadText()), qid, cookie));
        }

        return reader.IsComplete ? (entries, cookie) : throw directory.Client.Connection.Distrust("A malformed Rreaddir.");
    }

    private static async Task<(List<NineEntry> Entries, ulong Next)> ReadPlan9PageAsync(
        NineFile directory, ulong offset, CancellationToken cancellation)
    {
        var buffer = new byte[Math.Min(64 * 1024, directory.Client.MaxData)];
        var count = await directory.ReadAsync(offset, buffer, cancellation);
        var entries = new List<NineEntry>();
        var reader = new MessageReader(buffer.AsSpan(0, count), Dialect.NineP2000);
        while (reader.HasMore)
        {
            var entry = StatEntry.Read(ref reader);
            entries.Add(new NineEntry(Encoding.UTF8.GetString(entry.Name), entry.Qid, 0));
        }

        return reader.IsComplete
            ? (entries, offset + (uint)count)
            : throw directory.Client.Connection.Distrust("A malformed directory.");
    }
}
