using System.Net.Sockets;
using System.Text;

namespace Pewter.Linux.Sockets;

/// <summary>One line with a descriptor to a Unix socket, and one line back.</summary>
public static class DescriptorCall
{
    private const int LongestAnswer = 2048;

    // The peer only notes what it is given; one that does not in this time is frozen.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1800);

    /// <summary>Asks and waits for the answer, without its line end; at most some two seconds. The descriptor stays the caller's.</summary>
    /// <exception cref="LinuxException">Nobody listens there, or does not answer.</exception>
    public static string Ask(string path, string line, int descriptor)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
            var number = (int)socket.Handle;
            var sent = DescriptorPassing.Send(number, Encoding.UTF8.GetBytes(line + "\n"), [descriptor]);
            Span<byte> answer = stackalloc byte[LongestAnswer];
            var count = sent < 0 ? sent : Descriptors.Read(number, answer);
            return count > 0
                ? Encoding.UTF8.GetString(answer[..count]).TrimEnd('\n')
                : throw new LinuxException(count == 0 ? LinuxErrno.EPIPE : -count, $"ask {path}");
        }
        catch (SocketException failure)
        {
            throw new LinuxException(LinuxErrno.ECONNREFUSED, $"reach {path} ({failure.SocketErrorCode})");
        }
    }
}
