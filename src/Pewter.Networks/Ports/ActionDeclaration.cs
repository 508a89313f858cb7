using Pewter.Tree;

namespace Pewter.Networks.Ports;

/// <summary>What the tree shows of an action.</summary>
internal static class ActionDeclaration
{
    public static ObjectKind<PortAction> For(NetworkTable table) => new()
    {
        Prefix = ActionRecord.Prefix,
        Owner = action => action.Record.Owner,
        States = new(
            action => action.Record.State,
            [ActionRecord.Pending, ActionRecord.Done, ActionRecord.Error],
            [ActionRecord.Done, ActionRecord.Error],
            (line, action) => line.Pair("error", action.Record.Failure)),
        Fields = new Fields<PortAction>()
            .Text("type", action => action.Record.Type, indexed: true)
            .Text("nic", action => action.Record.Port.Key, indexed: true)
            .Text("net", action => table.Book.Find(action.Record.Network)?.Id)
            .Text("channel", action => action.Record.Port.In(action.Record.Network)?.Channel)
            .Text("mac", action => action.Record.Port.Mac)
            .Text("address", action => action.Record.Port.In(action.Record.Network)?.Address)
            .Flag("forced", action => action.Record.IsForced)
            .Time("created", action => action.Record.Created)
            .Time("ended", action => action.Record.Ended)
            .Text("error", action => action.Record.Failure),
    };
}
