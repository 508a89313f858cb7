using System.Globalization;
using Pewter.Linux;
using Pewter.Linux.Sockets;
using Pewter.NineP;

namespace Pewter.Machines.Nodes.Agents;

/// <summary>
/// Joins processes of two nodes of this machine: each node's agent is given one end of a channel, and from then on program, pipe and program are
/// by themselves. Neither daemon nor agent is in the way of the bytes, and the daemon may end.
/// </summary>
internal static class SpliceBroker
{
    private const string Greeting = "pewter-splice";

    /// <summary>One end of a splice.</summary>
    /// <param name="Name">The node's id, for those who look at the other end.</param>
    /// <param name="Socket">Its agent's socket.</param>
    /// <param name="Session">The session there.</param>
    internal readonly record struct End(string Name, string Socket, long Session)
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}:/proc/{Session}");
    }

    /// <summary>Begins a splice; blocks for a round trip to each agent.</summary>
    /// <exception cref="FileException">An agent refused, or does not answer.</exception>
    internal static void Join(End source, int stream, End target)
    {
        var (from, to) = SocketPair.CreateSequenced();
        try
        {
            // The target first: a source that is given away and finds nobody there would be told that its reader has gone.
            var invariant = CultureInfo.InvariantCulture;
            Ask(target.Socket, string.Create(invariant, $"{Greeting} take {target.Session} {source}"), to);
            Ask(source.Socket, string.Create(invariant, $"{Greeting} give {source.Session} {stream} {target}"), from);
        }
        finally
        {
            Descriptors.Close(from);
            Descriptors.Close(to);
        }
    }

    /// <summary>Gives an agent one end of a channel whose other end is the caller's.</summary>
    /// <param name="end">The session.</param>
    /// <param name="line">What is asked of it, with <c>{0}</c> for its number.</param>
    /// <param name="descriptor">The end; it stays the caller's.</param>
    /// <exception cref="FileException">The agent refused, or does not answer.</exception>
    internal static void Tell(End end, string line, int descriptor) =>
        Ask(end.Socket, $"{Greeting} {string.Format(CultureInfo.InvariantCulture, line, end.Session)}", descriptor);

    private static void Ask(string socket, string line, int descriptor)
    {
        try
        {
            var answer = DescriptorCall.Ask(socket, line, descriptor);
            if (answer != "ok")
            {
                throw new FileException(Errno.EINVAL, $"splice: {answer}");
            }
        }
        catch (LinuxException failure)
        {
            throw new FileException(Errno.ENOLINK, $"splice: {failure.Message}", failure);
        }
    }
}
