using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// Brings the machines of two sessions together for a splice: one is asked for an offer, the other told to meet it, or the other way round.
/// </summary>
internal static class SpliceMeeting
{
    /// <summary>Starts a splice straight between two machines; false when neither reaches the other, or one of them may not be asked.</summary>
    public static async ValueTask<bool> TryAsync(
        TreeClient tree, string sourceNode, string sourcePath, Leaf into, int stream, CancellationToken cancellation)
    {
        var give = new End(sourceNode, sourcePath["/proc/".Length..], "give", stream, into.Path);
        var take = new End(into.Node, into.AgentId, "take", stream, sourceNode + sourcePath);
        return await TryAsync(tree, take, give, cancellation) || await TryAsync(tree, give, take, cancellation);
    }

    private static async ValueTask<bool> TryAsync(TreeClient tree, End listens, End dials, CancellationToken cancellation)
    {
        try
        {
            var replies = await tree.CommandAsync(listens.Node + "/ctl", listens.Words("offer"), cancellation);
            string Word(string name) => replies[0].Line.GetProperty(name).GetString()!;
            await tree.CommandAsync(dials.Node + "/ctl", dials.Words("meet", Word("addresses"), Word("key"), Word("token")), cancellation);
            return true;
        }
        catch (FileException none) when (none.Errno is Errno.EHOSTUNREACH or Errno.ECONNREFUSED or Errno.EOPNOTSUPP or Errno.EINVAL
            or Errno.EPERM or Errno.EACCES or Errno.ENOENT or Errno.EAGAIN)
        {
            // No route, a virtual machine, a daemon that does not know the command or does not let this one give it: there is another way.
            return false;
        }
    }

    private sealed record End(string Node, string Session, string Role, int Stream, string Peer)
    {
        public IEnumerable<string> Words(string command, params IEnumerable<string> more) =>
            [command, Session, Role, Peer, .. more, $"stream={Stream}"];
    }
}
