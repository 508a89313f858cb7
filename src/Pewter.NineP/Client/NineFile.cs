using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>
/// A fid: a file on a server, before or after it is opened. Requests on it may be made at once from many threads, as the protocol allows. Disposing
/// clunks it. Directory operations are in <see cref="NineDirectory"/>, attributes in <see cref="NineAttributes"/>.
/// </summary>
public sealed class NineFile : IAsyncDisposable
{
    private int _gone;

    internal NineFile(NineClient client, uint fid, Qid qid, string name)
    {
        Client = client;
        Fid = fid;
        Qid = qid;
        Name = name;
    }

    /// <summary>The connection it is on.</summary>
    public NineClient Client { get; }

    /// <summary>The file's qid; an open may change it, as that of a clone does.</summary>
    public Qid Qid { get; private set; }

    /// <summary>The name it was last walked by; empty at the root of an attach.</summary>
    public string Name { get; private set; }

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => (Qid.Type & QidType.Directory) != 0;

    internal uint Fid { get; }

    /// <summary>Walks from here by names and gives a new handle; without names a copy of this one.</summary>
    /// <exception cref="FileException">ENOENT, with the name that was not found.</exception>
    public async Task<NineFile> WalkAsync(IReadOnlyList<string> names, CancellationToken cancellation = default)
    {
        var first = await WalkPieceAsync([.. names.Take(Protocol.MaxWalkNames)], cancellation);
        if (names.Count <= Protocol.MaxWalkNames)
            return first;
        await using (first)
            return await first.WalkAsync([.. names.Skip(Protocol.MaxWalkNames)], cancellation);
    }

    /// <summary>Walks by a path whose elements are separated by '/'.</summary>
    public Task<NineFile> WalkAsync(string path, CancellationToken cancellation = default) =>
        WalkAsync(path.Split('/', StringSplitOptions.RemoveEmptyEntries), cancellation);

    /// <summary>Opens the file; afterwards this handle reads and writes.</summary>
    public async Task OpenAsync(OpenFlags flags, CancellationToken cancellation = default)
    {
        using var call = await Client.Connection.EnterAsync(cancellation);
        if (Client.Dialect == Dialect.NineP2000L)
        {
            call.Send(new Tlopen { Fid = Fid, Flags = (uint)flags });
            await call.ReceiveAsync(cancellation);
            Qid = call.Read<Rlopen>().Qid;
            return;
        }

        call.Send(new Topen { Fid = Fid, Mode = Server.OpenMode.FromFlags(flags) });
        await call.ReceiveAsync(cancellation);
        Qid = call.Read<Ropen>().Qid;
    }

    /// <summary>Creates a plain file in this directory and opens it; afterwards this handle is the new file.</summary>
    public async Task CreateAsync(string name, OpenFlags flags, uint mode, CancellationToken cancellation = default)
    {
        using var call = await Client.Connection.EnterAsync(cancellation);
        var utf8 = Encoding.UTF8.GetBytes(name);
        if (Client.Dialect == Dialect.NineP2000L)
            call.Send(new Tlcreate { Fid = Fid, Name = utf8, Flags = (uint)flags, Mode = mode, Gid = uint.MaxValue });
        else
            call.Send(new Tcreate { Fid = Fid, Name = utf8, Permissions = mode, Mode = Server.OpenMode.FromFlags(flags) });
        await call.ReceiveAsync(cancellation);
        Qid = Client.Dialect == Dialect.NineP2000L ? call.Read<Rlcreate>().Qid : call.Read<Rcreate>().Qid;
        Name = name;
    }

    /// <summary>
    /// Reads up to as many bytes as fit one message, at least one unless at the end, waiting as long as it takes. A cancelled read has
    /// consumed nothing when it throws.
    /// </summary>
    public async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        buffer = buffer[..Math.Min(buffer.Length, Client.MaxData)];
        using var call = await Client.Connection.EnterAsync(cancellation);
        call.Send(new Tread { Fid = Fid, Offset = offset, Count = (uint)buffer.Length }, buffer);
        await call.ReceiveAsync(cancellation);
        return call.TakeData();
    }

    /// <summary>Writes up to as many bytes as fit one message and gives how many the server accepted.</summary>
    public async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation = default)
    {
        data = data[..Math.Min(data.Length, Client.MaxData)];
        using var call = await Client.Connection.EnterAsync(cancellation);
        call.Send(new Twrite { Fid = Fid, Offset = offset, Data = data.Span });
        await call.ReceiveAsync(cancellation);
        var count = call.Read<Rwrite>().Count;
        return count <= data.Length ? (int)count : throw Client.Connection.Distrust("The server took more than was written.");
    }

    /// <summary>Makes what was written durable. 9P2000 says it with an empty Twstat.</summary>
    public async Task SyncAsync(CancellationToken cancellation = default)
    {
        using var call = await Client.Connection.EnterAsync(cancellation);
        if (Client.Dialect == Dialect.NineP2000L)
            call.Send(new Tfsync { Fid = Fid });
        else
            call.Send(new Twstat { Fid = Fid, Stat = ClientStat.Encode(default) });
        await call.ReceiveAsync(cancellation);
    }

    /// <summary>Removes the file and lets go of the handle, even when that fails.</summary>
    public async Task RemoveAsync(CancellationToken cancellation = default)
    {
        if (Interlocked.Exchange(ref _gone, 1) != 0)
            throw new FileException(Errno.EBADF, "The handle is closed.");
        using var call = await Client.Connection.EnterAsync(cancellation);
        call.Send(new Tremove { Fid = Fid });
        await call.ReceiveAsync(cancellation);
        Client.Fids.Return(Fid);
    }

    /// <summary>Clunks the fid. A lost connection has done that already, so it is no failure here.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _gone, 1) != 0 || Client.Connection.IsLost)
            return;
        try
        {
            using var call = await Client.Connection.EnterAsync(CancellationToken.None);
            call.Send(new Tclunk { Fid = Fid });
            await call.ReceiveAsync(CancellationToken.None);
            Client.Fids.Return(Fid);
        }
        catch (FileException)
        {
            // The fid is gone whatever the server says; its number is not used again.
        }
    }

    private async Task<NineFile> WalkPieceAsync(string[] names, CancellationToken cancellation)
    {
        var fid = Client.Fids.Take();
        try
        {
            using var call = await Client.Connection.EnterAsync(cancellation);
            call.Send(new Twalk { Fid = Fid, NewFid = fid, Names = NameEncoding.Encode(names) });
            await call.ReceiveAsync(cancellation);
            var qids = call.Read<Rwalk>().Qids;
            if (qids.Count < names.Length)
                throw new FileException(Errno.ENOENT, $"No such file or directory: '{names[qids.Count]}'.");
            if (qids.Count > names.Length)
                throw Client.Connection.Distrust("The server walked further than asked.");
            return names.Length == 0
                ? new NineFile(Client, fid, Qid, Name)
                : new NineFile(Client, fid, qids[names.Length - 1], names[^1]);
        }
        catch
        {
            Client.Fids.Return(fid);
            throw;
        }
    }
}
