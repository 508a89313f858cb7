using System.Diagnostics;
using System.Net.Sockets;
using Pewter.Linux;

namespace Pewter.Mail.Benchmarks;

/// <summary>
/// The bare ceiling: two processes and a Unix stream socket, read and write by the system calls themselves.
/// </summary>
internal static class UnixLoad
{
    internal static double RoundTripMicroseconds(TimeSpan turn)
    {
        using var pair = new Pair("unix-echo");
        var body = new byte[64];
        var (count, start) = (0, Stopwatch.GetTimestamp());
        for (; count < 2000 || Stopwatch.GetElapsedTime(start) < turn; count++)
        {
            if (count == 1000)
                start = Stopwatch.GetTimestamp();
            Descriptors.Write(pair.Descriptor, body);
            Descriptors.Read(pair.Descriptor, body);
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / (count - 1000);
    }

    internal static double MessagesPerSecond(TimeSpan turn)
    {
        using var pair = new Pair("unix-count");
        var body = new byte[64];
        var (count, start) = (0L, Stopwatch.GetTimestamp());
        for (; (count & 63) != 0 || Stopwatch.GetElapsedTime(start) < turn; count++)
            Descriptors.Write(pair.Descriptor, body);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    internal static void Echo(string[] words)
    {
        using var socket = Connect(words[1]);
        var (descriptor, body) = ((int)socket.Handle, new byte[64]);
        while (Descriptors.Read(descriptor, body) is > 0 and var count)
            Descriptors.Write(descriptor, body.AsSpan(0, count));
    }

    internal static void Count(string[] words)
    {
        using var socket = Connect(words[1]);
        var (descriptor, body) = ((int)socket.Handle, new byte[64 << 10]);
        while (Descriptors.Read(descriptor, body) > 0)
        {
        }
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private sealed class Pair : IDisposable
    {
        private readonly string _path = Path.Combine(Path.GetTempPath(), $"pw-mail-bench-{Environment.ProcessId}-{Guid.NewGuid():n}");
        private readonly Peer _peer;
        private readonly Socket _socket;

        internal Pair(string word)
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(_path));
            listener.Listen();
            _peer = new Peer(word, _path);
            _socket = listener.Accept();
        }

        internal int Descriptor => (int)_socket.Handle;

        public void Dispose()
        {
            _socket.Dispose();
            _peer.Dispose();
            File.Delete(_path);
        }
    }
}
