using System.Net.Sockets;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.NineP.Benchmarks;

/// <summary>The server under test, until it is killed.</summary>
internal static class OurServer
{
    public static async Task<int> RunAsync(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var connections = new List<Task>();
        while (true)
            connections.Add(ServeAsync(await listener.AcceptAsync()));
    }

    private static async Task ServeAsync(Socket socket)
    {
        await using var transport = NineTransport.FromSocket(socket);
        await NineServer.ServeAsync(
            transport, new BenchTree(), Caller.System, NineLimits.Default, TimeProvider.System, CancellationToken.None);
    }
}
