namespace Pewter.Tree;

/// <summary>What the tree adds to the declaration of every kind.</summary>
internal static class CollectionFields
{
    /// <summary>The fields of json and queries, and those of the status line, which leaves out what the path says.</summary>
    public static (Fields<TreeObject<T>> Json, Fields<TreeObject<T>> Status) For<T>(ObjectKind<T> kind)
        where T : class
    {
        var json = Identity<T>(new Fields<TreeObject<T>>().Text("id", target => target.Id), kind);
        var status = Identity<T>(new Fields<TreeObject<T>>(), kind);
        return (json, status);
    }

    /// <summary>The commands of the kind and, where objects can be cloned, <c>type</c>.</summary>
    public static CommandSet<TreeObject<T>> Commands<T>(ObjectKind<T> kind)
        where T : class
    {
        var commands = new CommandSet<TreeObject<T>>().AddAll(kind.Commands, target => target.Item, target => target.Collection.Changed(target));
        return kind.Create is null ? commands : commands.Add(
            "type <kind:normal|persistent>",
            "persistent: it stays when its last file is closed; normal: it goes after a short grace.",
            async (target, call, cancellation) =>
            {
                var persistent = call.Word("kind") == "persistent";
                if (kind.PersistenceChanged is { } changed)
                {
                    await changed(target.Item, persistent, cancellation);
                }

                target.IsPersistent = persistent;
                target.Collection.Lifetimes.Consider(target);
            });
    }

    private static Fields<TreeObject<T>> Identity<T>(Fields<TreeObject<T>> fields, ObjectKind<T> kind)
        where T : class
    {
        fields.Text("name", target => target.Name, indexed: true)
            .Text("user", target => target.Owner.User, indexed: true)
            .Text("group", target => target.Owner.Group, indexed: true);
        if (kind.States is { } states)
        {
            fields.Text("state", target => states.Current(target.Item), indexed: true);
        }

        return fields.AddAll(kind.Fields, target => target.Item);
    }
}
