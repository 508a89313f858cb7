using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Pewter.Linux;
using Pewter.Linux.Sockets;
using Pewter.NineP;
using Pewter.Node.Sessions;

namespace Pewter.Node.Splices;

/// <summary>
/// Takes, on the agent's own socket, what 9P cannot carry: an end of a splice's channel. One line and one descriptor a connection:
/// <c>pewter-splice give SESSION STREAM [way=WORD] TO</c> or <c>pewter-splice take SESSION [way=WORD] FROM</c>; the answer is <c>ok</c>, or
/// <c>error</c> and a sentence. The word is what is shown as the way of the bytes; the other end need not be an agent.
/// So any two agents under one kernel are joined by whoever reaches both, who need not stay.
/// </summary>
/// <param name="sessions">The agent's sessions.</param>
public sealed class SpliceDoor(SessionCollection sessions)
{
    /// <summary>What such a line begins with: no 9P message does, it would be a gigabyte long.</summary>
    public const string Greeting = "pewter-splice ";

    private const int LongestLine = 1024;
    private const string WayWord = "way=";

    /// <summary>Answers a connection whose first bytes are <see cref="Greeting"/>. It stays the caller's.</summary>
    internal void Serve(Socket socket)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        var given = new List<int>();
        var number = (int)socket.Handle;
        var count = DescriptorPassing.Receive(number, line, given);
        var answer = "ok\n";
        try
        {
            Act(Encoding.UTF8.GetString(line[..Math.Max(count, 0)]), given);
        }
        catch (FileException refused)
        {
            answer = $"error {refused.Message}\n";
        }
        finally
        {
            given.ForEach(Descriptors.Close);
        }

        _ = Descriptors.Write(number, Encoding.UTF8.GetBytes(answer));
    }

    private void Act(string line, List<int> given)
    {
        var words = line.TrimEnd('\n').Split(' ', 5);
        if (given is not [var channel])
        {
            throw new FileException(Errno.EINVAL, "A splice needs one end of its channel.");
        }

        switch (words)
        {
            case [_, "give", var session, "1" or "2", var to]:
                sessions.Give(Number(session), words[3] == "2" ? 2 : 1, channel, PeerOf(to));
                break;
            case [_, "take", var session, .. var from]:
                sessions.Take(Number(session), channel, PeerOf(string.Join(' ', from)));
                break;
            default:
                throw new FileException(Errno.EINVAL, $"'{line}' is no splice.");
        }

        // It is the splice's now.
        given.Clear();
    }

    private static (string Name, string Way) PeerOf(string text) =>
        text.StartsWith(WayWord, StringComparison.Ordinal) && text.Split(' ', 2) is [var way, var peer]
            ? (peer, way[WayWord.Length..])
            : (text, SpliceEdge.Direct);

    private static long Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FileException(Errno.EINVAL, $"'{text}' is no session.");
}
