using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>Has the files of a session brought to its nodes before anything starts there, by <c>/blob</c>.</summary>
internal sealed class SessionFiles(TreeClient tree)
{
    /// <summary>Where each node has the files; null for a session without any.</summary>
    internal async ValueTask<IReadOnlyDictionary<string, string>?> BringAsync(
        Session session, IReadOnlyList<string> nodes, Caller caller, CancellationToken cancellation)
    {
        if (session.Files is not { } digest)
        {
            return null;
        }

        var asked = new TreeClient(await tree.WalkAsync("/", cancellation), caller);
        var replies = await asked.CommandAsync("/blob/ctl", ["send", digest, .. nodes.Distinct(StringComparer.Ordinal)], cancellation);
        var places = replies.ToDictionary(reply => reply.Target, reply => reply.Line.GetProperty("path").GetString()!, StringComparer.Ordinal);
        return nodes.All(places.ContainsKey) ? places : throw new FileException(Errno.EIO, "Not every node says where its files are.");
    }
}
