using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Mail.Benchmarks;

/// <summary>
/// nats-server from Debian, and as little of a client as it takes: CONNECT, SUB, PUB and MSG, in as few writes as there
/// can be.
/// </summary>
internal sealed class NatsServer : IDisposable
{
    private readonly Process _process;

    private NatsServer(Process process, int port) => (_process, Port) = (process, port);

    internal int Port { get; }

    internal static NatsServer? Start()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        try
        {
            var process = Process.Start(new ProcessStartInfo("nats-server", ["-a", "127.0.0.1", "-p", $"{port}"]) { RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            for (var i = 0; i < 500; i++)
            {
                try
                {
                    Connect(port).Dispose();
                    return new NatsServer(process, port);
                }
                catch (SocketException)
                {
                    process.WaitForExit(10);
                }
            }

            process.Kill();
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal double RoundTripMicroseconds(TimeSpan turn)
    {
        using var peer = new Peer("nats-echo", Port);
        using var socket = Connect(Port);
        socket.Send("SUB pong 1\r\n"u8);
        peer.Line();
        var ping = Encoding.ASCII.GetBytes("PUB ping 64\r\n" + new string('x', 64) + "\r\n");
        var buffer = new byte[4096];
        var (count, start) = (0, Stopwatch.GetTimestamp());
        for (; count < 2000 || Stopwatch.GetElapsedTime(start) < turn; count++)
        {
            if (count == 1000)
                start = Stopwatch.GetTimestamp();
            socket.Send(ping);
            for (var got = 0; got < "MSG pong 1 64\r\n".Length + 66;)
                got += socket.Receive(buffer);
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / (count - 1000);
    }

    /// <summary>Publish to receive, 64 KiB a write: its own way of batching.</summary>
    internal double MessagesPerSecond(TimeSpan turn)
    {
        using var peer = new Peer("nats-count", Port);
        using var socket = Connect(Port);
        peer.Line();
        var one = "PUB load 64\r\n" + new string('x', 64) + "\r\n";
        var each = (64 << 10) / one.Length;
        var batch = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(one, each)));
        var (count, start) = (0L, Stopwatch.GetTimestamp());
        for (; Stopwatch.GetElapsedTime(start) < turn; count += each)
            socket.Send(batch);
        peer.Tell(count.ToString(CultureInfo.InvariantCulture));
        peer.Line();
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    internal static void Echo(string[] words)
    {
        using var socket = Connect(int.Parse(words[1], CultureInfo.InvariantCulture));
        socket.Send("SUB ping 1\r\nPING\r\n"u8);
        var buffer = new byte[4096];
        AwaitPong(socket, buffer);
        Console.WriteLine("ready");
        var pong = Encoding.ASCII.GetBytes("PUB pong 64\r\n" + new string('x', 64) + "\r\n");
        while (true)
        {
            for (var got = 0; got < "MSG ping 1 64\r\n".Length + 66;)
            {
                var read = socket.Receive(buffer);
                if (read == 0)
                    return;
                got += read;
            }

            socket.Send(pong);
        }
    }

    internal static void Count(string[] words)
    {
        using var socket = Connect(int.Parse(words[1], CultureInfo.InvariantCulture));
        socket.Send("SUB load 1\r\nPING\r\n"u8);
        var buffer = new byte[256 << 10];
        AwaitPong(socket, buffer);
        Console.WriteLine("ready");
        var each = "MSG load 1 64\r\n".Length + 66;
        var (bytes, awaited) = (0L, long.MaxValue);
        new Thread(() =>
        {
            Volatile.Write(ref awaited, long.Parse(Console.ReadLine() ?? "0", CultureInfo.InvariantCulture) * each);
            if (Interlocked.Read(ref bytes) >= awaited)
                Console.WriteLine("done");
        }) { IsBackground = true }.Start();
        while (socket.Receive(buffer) is > 0 and var count)
        {
            var before = bytes;
            if (Interlocked.Add(ref bytes, count) >= Volatile.Read(ref awaited) && before < awaited)
                Console.WriteLine("done");
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        socket.Receive(new byte[4096]);
        socket.Send("CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"u8);
        return socket;
    }

    private static void AwaitPong(Socket socket, byte[] buffer)
    {
        while (!buffer.AsSpan(0, socket.Receive(buffer)).EndsWith("PONG\r\n"u8))
        {
        }
    }
}
