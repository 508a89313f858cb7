namespace Pewter.Tree;

/// <summary>The directory of one object: <c>ctl status json events wait</c> and the files of its kind.</summary>
internal sealed class ObjectDirectory<T> : TreeDirectory
    where T : class
{
    /// <summary>Who may give commands: the owner and the group.</summary>
    public static readonly uint CtlMode = UnixMode.Octal(660);

    private readonly TreeObject<T> _object;

    public ObjectDirectory(TreeObject<T> target)
    {
        var (collection, kind) = (target.Collection, target.Collection.Kind);
        _object = target;
        Place(collection, target.Id);
        Ctl = new CtlFile(new TargetRunner<TreeObject<T>>(target, collection.ObjectCommands))
        {
            Mode = CtlMode,
            FailedAtClose = (path, failure) => collection.Append(target, "ctl_failed", json => json.WriteString("error", failure.Message)),
        };
        Add("ctl", Ctl);
        Add("status", new StatusFile<T>(collection, () => [target]));
        Add("json", new ObjectJsonFile<T>(target));
        Add("events", new EventsFile(collection.Events, target.Number, null));
        if (kind.States is not null)
        {
            Add("wait", new WaitFile<T>(collection, () => [target]));
        }

        kind.Files?.Invoke(this, target.Item);
    }

    /// <summary>The object's ctl, which an open of <c>clone</c> becomes.</summary>
    public CtlFile Ctl { get; }

    /// <inheritdoc/>
    public override Owner Owner => _object.Owner;

    /// <inheritdoc/>
    public override uint Mode
    {
        get => _object.Mode;
        init => throw new NotSupportedException("The object has its mode.");
    }

    /// <inheritdoc/>
    internal override IHold Hold => _object;
}
