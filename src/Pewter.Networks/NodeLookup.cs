using System.Text.Json;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Networks;

/// <summary>Finds nodes as whoever asks would: by their files.</summary>
internal sealed class NodeLookup(ServiceContext context)
{
    /// <summary>The node of an id or name, as far as the caller may see it.</summary>
    /// <exception cref="FileException">ENOENT: there is none for this caller.</exception>
    public async ValueTask<MemberNode> FindAsync(string node, Caller caller, CancellationToken cancellation)
    {
        if (await context.Root.WalkAsync("node", Caller.System, cancellation) is null && caller.IsAdmin)
        {
            // Nodes are being found again after a restart: what asks is the daemon itself.
            return new MemberNode(node, null, null);
        }

        try
        {
            using var json = JsonDocument.Parse(await context.Client(caller).ReadBytesAsync($"/node/{node}/json", cancellation));
            string? Text(string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
            return new MemberNode(Text("id") ?? node, Text("name"), Text("group"));
        }
        catch (FileException failure) when (failure.Errno is Errno.ENOENT or Errno.EACCES)
        {
            throw new FileException(Errno.ENOENT, $"There is no node '{node}' that you may use; 'pewter node list' shows those there are.", failure);
        }
    }

    /// <summary>The ids of all nodes; null while they are not served.</summary>
    public async ValueTask<IReadOnlySet<string>?> AllAsync(CancellationToken cancellation) =>
        await context.Root.WalkAsync("node", Caller.System, cancellation) is null
            ? null
            : (await context.Client().ListAsync("/node", cancellation)).ToHashSet(StringComparer.Ordinal);
}
