using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A file of a <see cref="RemoteTree"/>, named by its path. Immutable.</summary>
internal sealed class RemoteFile : ServedFile
{
    private readonly RemoteTree _tree;
    private readonly IReadOnlyList<string> _path;
    private readonly NineFile? _open;

    /// <summary>The directory that is mounted.</summary>
    public RemoteFile(RemoteTree tree, IReadOnlyList<string> path, ServedFile? parent)
    {
        (_tree, _path, Parent) = (tree, path, parent);
        Qid = new(QidType.Directory, 0, QidPaths.Import(tree.Mount, QidPaths.Derive(0, string.Join('/', path), 0)));
    }

    // A file found by walking, or what an open has become.
    private RemoteFile(RemoteTree tree, IReadOnlyList<string> path, ServedFile? parent, Qid qid, NineFile? open = null)
    {
        (_tree, _path, Parent, _open) = (tree, path, parent, open);
        Qid = Import(qid);
    }

    /// <inheritdoc/>
    public override Qid Qid { get; }

    /// <inheritdoc/>
    public override ServedFile? Parent { get; }

    private string Name => _path.Count == 0 ? "" : _path[^1];

    /// <inheritdoc/>
    public override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation) =>
        WithAsync(_path, caller, async file => await file.StatAsync(cancellation) with { Qid = Qid }, cancellation);

    /// <inheritdoc/>
    public override async ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation)
    {
        DemandMayWrite(caller);
        await WithAsync(_path, caller, async file => await Done(file.ChangeStatAsync(changes, cancellation)), cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<string> path = [.. _path, name];
            return await WithAsync(
                path, caller, file => new ValueTask<RemoteFile>(new RemoteFile(_tree, path, this, file.Qid)), cancellation);
        }
        catch (FileException failure) when (failure.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if (flags.CanWrite() || flags.HasFlag(OpenFlags.Truncate) || Name == "clone")
        {
            DemandMayWrite(caller);
        }

        var file = await _tree.WalkAsync(_path, caller, cancellation);
        try
        {
            await file.OpenAsync(flags, cancellation);

            // An open of clone has become another file, which is known only by this fid.
            return new RemoteOpen(new RemoteFile(_tree, _path, Parent, file.Qid, file), file, _tree);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<OpenFile> CreateAsync(
        string name, OpenFlags flags, uint mode, Caller caller, CancellationToken cancellation)
    {
        AccessPolicy.DemandMayWrite(caller);
        var file = await _tree.WalkAsync(_path, caller, cancellation);
        try
        {
            await file.CreateAsync(name, flags, mode, cancellation);
            return new RemoteOpen(new RemoteFile(_tree, [.. _path, name], this, file.Qid, file), file, _tree);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<ServedFile> MakeDirectoryAsync(string name, uint mode, Caller caller, CancellationToken cancellation) =>
        MakeAsync(name, caller, file => file.MakeDirectoryAsync(name, mode, cancellation), cancellation);

    /// <inheritdoc/>
    public override ValueTask<ServedFile> SymlinkAsync(string name, string target, Caller caller, CancellationToken cancellation) =>
        MakeAsync(name, caller, file => file.SymlinkAsync(name, target, cancellation), cancellation);

    /// <inheritdoc/>
    public override ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation) =>
        WithAsync(_path, caller, async file => await file.ReadLinkAsync(cancellation), cancellation);

    /// <inheritdoc/>
    public override async ValueTask UnlinkAsync(string name, bool directory, Caller caller, CancellationToken cancellation)
    {
        AccessPolicy.DemandMayWrite(caller);
        await WithAsync(_path, caller, async file => await Done(file.UnlinkAsync(name, directory, cancellation)), cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(Caller caller, CancellationToken cancellation)
    {
        AccessPolicy.DemandMayWrite(caller);
        await WithAsync(_path, caller, async file => await Done(file.RemoveAsync(cancellation)), cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask RenameAsync(
        string name, ServedFile newDirectory, string newName, Caller caller, CancellationToken cancellation)
    {
        AccessPolicy.DemandMayWrite(caller);
        if (newDirectory is not RemoteFile target || target._tree != _tree)
        {
            throw new FileException(Errno.EXDEV, "A file cannot be renamed into another server's tree; copy it.");
        }

        await using var to = await _tree.WalkAsync(target._path, caller, cancellation);
        await WithAsync(_path, caller, async file => await Done(file.RenameAsync(name, to, newName, cancellation)), cancellation);
    }

    /// <summary>
    /// A directory in this one that is taken to be there, so that nobody has to be asked; if it is not, what is done with it is
    /// ENOENT.
    /// </summary>
    internal RemoteFile Assume(string name) => new(_tree, [.. _path, name], this);

    /// <summary>A qid of the server as it is here.</summary>
    internal Qid Import(Qid qid) => qid with { Path = QidPaths.Import(_tree.Mount, qid.Path) };

    private async ValueTask<ServedFile> MakeAsync(string name, Caller caller, Func<NineFile, Task<Qid>> make, CancellationToken cancellation)
    {
        AccessPolicy.DemandMayWrite(caller);
        var qid = await WithAsync(_path, caller, async file => await make(file), cancellation);
        return new RemoteFile(_tree, [.. _path, name], this, qid);
    }

    private async ValueTask<TResult> WithAsync<TResult>(
        IReadOnlyList<string> path, Caller caller, Func<NineFile, ValueTask<TResult>> act, CancellationToken cancellation)
    {
        if (_open is not null && path == _path)
        {
            return await act(_open);
        }

        await using var file = await _tree.WalkAsync(path, caller, cancellation);
        return await act(file);
    }

    // What is written to these tells only what the fid is to read next.
    private void DemandMayWrite(Caller caller)
    {
        if (Name is not ("events" or "wait"))
        {
            AccessPolicy.DemandMayWrite(caller);
        }
    }

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }
}
