using System.Text.Json;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Distribution.Sending;

/// <summary>Whose a node of this machine is, and whether it sees the machine's files.</summary>
/// <param name="Owner">In whose directory its files are.</param>
/// <param name="FilesIn">Where the node sees that directory; null when it has files of its own only.</param>
internal sealed record NodePlace(string Owner, string? FilesIn)
{
    internal static async ValueTask<NodePlace> FindAsync(
        TreeClient tree, ServiceContext context, string node, Caller caller, CancellationToken cancellation)
    {
        using var document = JsonDocument.Parse(await tree.ReadTextAsync(node + "/json", cancellation));
        var json = document.RootElement;
        var owner = new Owner(Text(json, "user"), Text(json, "group"));
        if (Text(json, "kind") == "host")
        {
            // The machine itself is everybody's, and everybody's files there are their own.
            return new NodePlace(caller.User, context.FilesOf(caller.User));
        }

        if (!AccessPolicy.Allows(caller, owner, UnixMode.Octal(750), AccessRights.Read))
        {
            throw new FileException(Errno.EACCES, $"{caller.User} may not send anything to {node}; it belongs to {owner.User}:{owner.Group}.");
        }

        var files = json.TryGetProperty("handle", out var handle) && handle.TryGetProperty("files", out var path) ? path.GetString() : null;
        return new NodePlace(owner.User, files);
    }

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
