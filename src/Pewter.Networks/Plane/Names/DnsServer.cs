using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Pewter.Networks.Plane.Names;

/// <summary>
/// Answers questions about the segment's names, over datagrams and streams. Others are refused, or handed to the servers that the network's owner
/// named, from outside of the segment.
/// </summary>
internal sealed class DnsServer(Func<SegmentPlan> plan, Func<NameZone> zone, PlaneLog log)
{
    public const int Port = 53;
    private const int Largest = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task RunAsync(Socket datagrams, Socket streams, CancellationToken stop) => await Task.WhenAll(
        DatagramLoop.RunAsync(
            datagrams,
            async (bytes, from) =>
            {
                // A question that is passed on must not hold up the next one.
                if (DnsMessage.Parse(bytes.Span) is not { } question)
                {
                    return;
                }

                if (zone().Answer(question) is { } answer)
                {
                    await datagrams.SendToAsync(answer, SocketFlags.None, from, stop);
                }
                else
                {
                    _ = PassOnAsync(datagrams, bytes.ToArray(), question, from, stop);
                }
            },
            log,
            stop),
        StreamLoop.RunAsync(streams, ServeAsync, log, stop));

    private async Task PassOnAsync(Socket socket, byte[] bytes, DnsMessage question, EndPoint from, CancellationToken stop)
    {
        try
        {
            await socket.SendToAsync(await ForwardAsync(bytes, question, stop), SocketFlags.None, from, stop);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            log.Tell($"dns {question.Name}: {failure.Message}");
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        var buffer = new byte[2 + Largest];
        await using var stream = new NetworkStream(client);
        while (await stream.ReadAtLeastAsync(buffer.AsMemory(0, 2), 2, throwOnEndOfStream: false, stop) == 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
            if (length > Largest)
            {
                return;
            }

            await stream.ReadExactlyAsync(buffer.AsMemory(2, length), stop);
            if (DnsMessage.Parse(buffer.AsSpan(2, length)) is not { } question)
            {
                return;
            }

            var answer = zone().Answer(question) ?? await ForwardAsync(buffer.AsMemory(2, length).ToArray(), question, stop);
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)answer.Length);
            await stream.WriteAsync(buffer.AsMemory(0, 2), stop);
            await stream.WriteAsync(answer, stop);
        }
    }

    private async Task<byte[]> ForwardAsync(byte[] bytes, DnsMessage question, CancellationToken stop)
    {
        const byte Failed = 2;
        var servers = plan().Forward;
        foreach (var server in servers)
        {
            using var socket = new Socket(IPAddress.Parse(server).AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(Patience);
            try
            {
                await socket.ConnectAsync(IPAddress.Parse(server), Port, patience.Token);
                await socket.SendAsync(bytes, SocketFlags.None, patience.Token);
                var answer = new byte[Largest];
                var count = await socket.ReceiveAsync(answer, SocketFlags.None, patience.Token);
                if (count > 2 && answer.AsSpan(0, 2).SequenceEqual(bytes.AsSpan(0, 2)))
                {
                    return answer[..count];
                }
            }
            catch (Exception failure) when (failure is SocketException || (failure is OperationCanceledException && !stop.IsCancellationRequested))
            {
                log.Tell($"dns {server}: {failure.Message}");
            }
        }

        return question.Reply(servers.Count == 0 ? NameZone.Refused : Failed, isAuthoritative: false);
    }
}
