using Pewter.NineP.Serving;

namespace Pewter.NineP.Server;

/// <summary>
/// The fids of a connection. Looking up and removing are done by the receive loop alone; adding also by requests that waited, and releasing by
/// all, hence the lock. Under it nothing is called.
/// </summary>
internal sealed class FidTable(NineLimits limits)
{
    // Enough for the walk and clunk of a full pipeline; more would only be kept for nothing.
    private const int Pooled = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, Fid> _fids = [];
    private readonly Stack<Fid> _pool = new();

    /// <summary>Looks up the fid that a request is about and keeps it until the request ends. Null when there is none.</summary>
    public Fid? Use(Request request, uint number) => request.Fid = Use(number);

    /// <summary>Looks up the second fid of a request.</summary>
    public Fid? UseOther(Request request, uint number) => request.OtherFid = Use(number);

    public bool Contains(uint number)
    {
        lock (_gate)
            return _fids.ContainsKey(number);
    }

    /// <summary>Adds a fid: EMFILE at the limit, EBADF when the number is taken (as diod and the kernel have it).</summary>
    public Errno Add(uint number, AttachView view, ServedFile file, string name, int depth)
    {
        if (number == Wire.Protocol.NoFid)
            return Errno.EBADF;
        lock (_gate)
        {
            if (_fids.ContainsKey(number))
                return Errno.EBADF;
            if (_fids.Count >= limits.Fids)
                return Errno.EMFILE;
            var fid = _pool.Count > 0 ? _pool.Pop() : new Fid();
            fid.Place(number, view, file, name, depth);
            _fids.Add(number, fid);
            return Errno.None;
        }
    }

    /// <summary>Claims a fid for an open; false when another open has it.</summary>
    public bool Claim(Fid fid)
    {
        lock (_gate)
        {
            if (fid.IsClaimed)
                return false;
            return fid.IsClaimed = true;
        }
    }

    /// <summary>Lets go of the fids of a request that ends.</summary>
    public void Release(Request request)
    {
        if (request.Fid is null && request.OtherFid is null)
            return;
        lock (_gate)
        {
            Release(request.Fid);
            Release(request.OtherFid);
        }

        request.Fid = null;
        request.OtherFid = null;
    }

    /// <summary>Takes the fid, of which the caller is a user, out of the table.</summary>
    /// <returns>A task that ends when the caller is the last user; null when it is already.</returns>
    public Task? Remove(Fid fid)
    {
        lock (_gate)
        {
            _fids.Remove(fid.Number);
            if (fid.Users == 1)
                return null;
            fid.LastUserGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return fid.LastUserGone.Task;
        }
    }

    /// <summary>Gives a removed and closed fid back to the pool; the request no longer refers to it.</summary>
    public void Recycle(Request request)
    {
        var fid = request.Fid!;
        request.Fid = null;
        fid.Clear();
        lock (_gate)
        {
            if (_pool.Count < Pooled)
                _pool.Push(fid);
        }
    }

    /// <summary>Closes every fid; no request is left that could use one.</summary>
    public async ValueTask CloseAllAsync()
    {
        var all = _fids.Values.ToArray();
        _fids.Clear();
        foreach (var fid in all)
            await fid.CloseAsync();
    }

    private static void Release(Fid? fid)
    {
        if (fid is null)
            return;
        fid.Users--;
        if (fid.Users == 1)
            fid.LastUserGone?.TrySetResult();
    }

    private Fid? Use(uint number)
    {
        lock (_gate)
        {
            if (_fids.TryGetValue(number, out var fid))
                fid.Users++;
            return fid;
        }
    }
}
