using Pewter.NineP.Serving;

namespace Pewter.NineP.Server;

/// <summary>
/// A client's handle on a file: walked → opening → open, and from each of them clunked. <see cref="FidTable"/> guards the uses; the rest is
/// written by the one request that moves the state, before its answer is sent. Pooled.
/// </summary>
internal sealed class Fid
{
    private AttachView? _view;
    private ServedFile? _file;

    public uint Number { get; private set; }

    /// <summary>The attach it descends from.</summary>
    public AttachView View => _view!;

    public ServedFile File => _file!;

    /// <summary>The name it was walked by; empty at a root.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Elements below the root.</summary>
    public int Depth { get; private set; }

    /// <summary>The open, once there is one.</summary>
    public OpenFile? Open { get; private set; }

    public OpenFlags Flags { get; private set; }

    /// <summary>An open is under way or done.</summary>
    public bool IsClaimed { get; set; }

    /// <summary>Requests that use it now; under the table's lock.</summary>
    public int Users { get; set; }

    /// <summary>Set by a clunk that waits for the other users; under the table's lock.</summary>
    public TaskCompletionSource? LastUserGone { get; set; }

    /// <summary>How far the last read came, for the option <c>stream</c>.</summary>
    public ReadPosition LastRead { get; set; }

    /// <summary>Where a 9P2000 directory read goes on.</summary>
    public DirectoryPosition Directory { get; } = new();

    public Caller Caller => View.Caller;

    public bool IsDirectory => (File.Qid.Type & QidType.Directory) != 0;

    public void Place(uint number, AttachView view, ServedFile file, string name, int depth)
    {
        Number = number;
        Move(view, file, name, depth);
    }

    /// <summary>A walk with newfid equal to fid succeeded.</summary>
    public void Move(AttachView view, ServedFile file, string name, int depth)
    {
        _view = view;
        _file = file;
        Name = name;
        Depth = depth;
    }

    /// <summary>The open succeeded; it may have led to another file, as that of a clone does.</summary>
    public void SetOpen(OpenFile open, OpenFlags flags)
    {
        Open = open;
        Flags = flags;
        _file = open.File;
    }

    /// <summary>The file has been removed by other means.</summary>
    public void ForgetRemoveOnClose() => Flags &= ~OpenFlags.RemoveOnClose;

    /// <summary>Ends the open, and removes the file if that was asked for. Nobody uses the fid any more.</summary>
    public async ValueTask CloseAsync()
    {
        try
        {
            if (Open is not null)
                await Open.DisposeAsync();
        }
        catch (FileException)
        {
            // Reaches nobody: the client has let go already. The same below.
        }

        try
        {
            if ((Flags & OpenFlags.RemoveOnClose) != 0)
                await File.RemoveAsync(Caller, CancellationToken.None);
        }
        catch (FileException)
        {
            // What cannot be removed stays.
        }
    }

    public void Clear()
    {
        _view = null;
        _file = null;
        Name = "";
        Open = null;
        Flags = default;
        IsClaimed = false;
        Users = 0;
        LastUserGone = null;
        LastRead = default;
        Directory.Rewind();
    }
}
