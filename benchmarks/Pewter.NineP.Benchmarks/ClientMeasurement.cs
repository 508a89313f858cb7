using System.Diagnostics;
using System.Net.Sockets;
using Pewter.NineP.Client;
using Pewter.NineP.Transport;

namespace Pewter.NineP.Benchmarks;

/// <summary>Our own client, many callers at once, against our server: how far it is from the raw generator.</summary>
internal static class ClientMeasurement
{
    public static async Task<Row> RunAsync(Rivals.Server server, int callers, TimeSpan duration, double raw)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.Socket));
        await using var transport = NineTransport.FromSocket(socket);
        await using var client = await NineClient.ConnectAsync(transport);
        await using var root = await client.AttachAsync("root", server.AccessName);
        await using var file = await root.WalkAsync("file");
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => LoopAsync(file, duration)));
        var began = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => LoopAsync(file, duration)));
        var rate = done.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new Row($"ninep.client.getattr.depth{callers}", rate, "op/s", "raw generator", raw, rate / raw, ">=", 0.1);
    }

    private static async Task<long> LoopAsync(NineFile file, TimeSpan duration)
    {
        var began = Stopwatch.GetTimestamp();
        long done = 0;
        await Task.Yield();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            await file.StatAsync();
            done++;
        }

        return done;
    }
}
