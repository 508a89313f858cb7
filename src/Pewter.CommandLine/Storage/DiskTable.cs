using Pewter.CommandLine.Output;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary>Disks that were just made, with their addresses.</summary>
internal static class DiskTable
{
    public static Table<CommandReply> Made { get; } = new Table<CommandReply>(reply => reply.Target)
        .Text("disk", reply => reply.Text("id"))
        .Text("name", reply => reply.Text("name"))
        .Text("size", reply => StorageText.Value(reply.Line, "size"))
        .Text("nbd", reply => reply.Text("nbdtcp") is { Length: > 0 } remote ? remote : reply.Text("nbd"))
        .Hidden("nbdsocket", (json, reply) => json.WriteStringValue(reply.Text("nbd")))
        .Text("iscsi", reply => reply.Text("iscsi"));
}
