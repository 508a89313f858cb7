using System.Text.Json.Nodes;
using Pewter.Doors.Http;
using Pewter.Doors.Identity;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Doors.Redfish;

/// <summary>Nodes as the tree shows them to whoever asks. Safe from any thread.</summary>
internal sealed class RedfishNodes(DoorContext context)
{
    private const int DocumentBytes = 16 << 20;
    private readonly TreeWalker _walker = new(context.Root);

    /// <summary>The nodes with a power switch that the caller may see and the proof is good for.</summary>
    public async ValueTask<IReadOnlyList<RedfishNode>> ListAsync(HttpIdentity who, CancellationToken cancellation)
    {
        var scope = await _walker.ResolveScopeAsync(who.PathPrefix, cancellation);
        var all = await ReadAsync("/node/json", who.Caller, PathScope.Whole, cancellation);
        return [.. (all as JsonArray ?? [])
            .OfType<JsonObject>().Select(json => new RedfishNode(json))
            .Where(node => node.Power.Length > 0 && scope.Concerns($"/node/{node.Id}"))];
    }

    /// <summary>A node by its id or name. ENOENT when there is none that has a power switch.</summary>
    public async ValueTask<RedfishNode> FindAsync(string id, HttpIdentity who, CancellationToken cancellation)
    {
        var scope = await _walker.ResolveScopeAsync(who.PathPrefix, cancellation);
        return await ReadAsync($"/node/{id}/json", who.Caller, scope, cancellation) is JsonObject json
            && new RedfishNode(json) is { Power.Length: > 0 } node
            ? node : throw new FileException(Errno.ENOENT, $"There is no system '{id}'.");
    }

    /// <summary>Gives a command to a node's ctl; its failure is thrown.</summary>
    public async ValueTask CommandAsync(RedfishNode node, IReadOnlyList<string> words, HttpIdentity who, CancellationToken cancellation)
    {
        var scope = await _walker.ResolveScopeAsync(who.PathPrefix, cancellation);
        var ctl = await _walker.FindAsync($"/node/{node.Id}/ctl", who.Caller, scope, cancellation);
        await using var handle = await new TreeClient(context.Root, who.Caller).OpenAsync(ctl.File, OpenFlags.ReadWrite, cancellation);
        var replies = await handle.TryCommandAsync(string.Join(' ', words), cancellation);
        if (replies.FirstOrDefault(reply => !reply.IsOk) is { } failed)
            throw new FileException(failed.Errno, failed.Error);
    }

    private async ValueTask<JsonNode?> ReadAsync(string path, Caller caller, PathScope scope, CancellationToken cancellation)
    {
        var found = await _walker.FindAsync(path, caller, scope, cancellation);
        await using var open = await found.File.OpenAsync(OpenFlags.ReadOnly, caller, cancellation);
        return JsonNode.Parse(await new FileReading(open).ReadTextAsync(DocumentBytes, cancellation));
    }
}
