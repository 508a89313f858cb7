using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pewter.Networks.Plane.Boot;

/// <summary>Serves boot files and scripts by TFTP, to be read only: each transfer has a socket and a task of its own.</summary>
internal sealed class TftpServer(Func<SegmentPlan> plan, SegmentSockets sockets, PlaneLog log)
{
    public const int Port = 69;

    // As many machines as boot at once from one segment; firmware asks again when nobody answers.
    private const int AtOnce = 128;
    private const int Tries = 5;
    private const int DefaultBlock = 512;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly HashSet<Task> _transfers = [];

    public async Task RunAsync(Socket socket, CancellationToken stop)
    {
        await DatagramLoop.RunAsync(
            socket,
            async (bytes, from) =>
            {
                _transfers.RemoveWhere(transfer => transfer.IsCompleted);
                if (TftpRequest.Parse(bytes.Span) is not { } request)
                {
                    await socket.SendToAsync(TftpRequest.Error(4, "only files can be read here, as octets"), SocketFlags.None, from, stop);
                }
                else if (_transfers.Count < AtOnce)
                {
                    _transfers.Add(SendAsync(request, from, stop));
                }
            },
            log,
            stop);
        await Task.WhenAll(_transfers);
    }

    private async Task SendAsync(TftpRequest request, EndPoint client, CancellationToken stop)
    {
        try
        {
            using var socket = sockets.Datagrams(IPAddress.Parse(plan().Gateway), 0);
            await socket.ConnectAsync(client, stop);
            using var content = Open(request.File, client);
            log.Tell($"tftp {client}: {request.File} "
                + $"{(content is null ? "is not here" : $"blksize={request.BlockBytes} windowsize={request.Window}")}");
            if (content is null)
            {
                await socket.SendAsync(TftpRequest.Error(1, "there is no such file"), SocketFlags.None, stop);
                return;
            }

            if (request.Options(content.Length) is not { } options || await ExchangeAsync(socket, [options], 0, stop) is not null)
            {
                await SendBlocksAsync(socket, request, content, stop);
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            log.Tell($"tftp {client}: {failure.Message}");
        }
    }

    private Stream? Open(string file, EndPoint client) => !plan().Admits(file, client) ? null
        : file.StartsWith("/boot/", StringComparison.Ordinal) && plan().Scripts.TryGetValue(file["/boot/".Length..], out var script)
            ? new MemoryStream(Encoding.UTF8.GetBytes(script))
            : plan().Files.GetValueOrDefault(file) is { } path && File.Exists(path) ? File.OpenRead(path) : null;

    private static async Task SendBlocksAsync(Socket socket, TftpRequest request, Stream content, CancellationToken stop)
    {
        var (size, window) = (request.BlockBytes ?? DefaultBlock, request.Window ?? 1);
        var blocks = (content.Length / size) + 1;
        for (long done = 0; done < blocks;)
        {
            var batch = new List<byte[]>();
            content.Position = done * size;
            for (var next = done + 1; next <= blocks && batch.Count < window; next++)
            {
                var block = new byte[4 + (int)Math.Min(size, content.Length - ((next - 1) * size))];
                block[1] = (byte)TftpRequest.DataOperation;
                BinaryPrimitives.WriteUInt16BigEndian(block.AsSpan(2), (ushort)next);
                await content.ReadExactlyAsync(block.AsMemory(4), stop);
                batch.Add(block);
            }

            if (await ExchangeAsync(socket, batch, (ushort)done, stop) is not { } acknowledged)
            {
                return;
            }

            // Numbers go round after 65,535 blocks; what is acknowledged is at most a window ahead.
            done += (ushort)(acknowledged - (ushort)done);
        }
    }

    /// <summary>Sends packets until one of them is acknowledged, and gives its number; null when the client has had enough.</summary>
    private static async Task<ushort?> ExchangeAsync(Socket socket, List<byte[]> packets, ushort before, CancellationToken stop)
    {
        var buffer = new byte[DefaultBlock + 4];
        for (var tries = 0; tries < Tries; tries++)
        {
            foreach (var packet in packets)
            {
                await socket.SendAsync(packet, SocketFlags.None, stop);
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(Patience);
            try
            {
                while (true)
                {
                    var count = await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
                    if (count < 4 || BinaryPrimitives.ReadUInt16BigEndian(buffer) == TftpRequest.ErrorOperation)
                    {
                        return null;
                    }

                    var number = BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(2));
                    var ahead = (ushort)(number - before);
                    if (BinaryPrimitives.ReadUInt16BigEndian(buffer) == TftpRequest.AcknowledgeOperation
                        && (ahead is > 0 && ahead <= packets.Count || (packets[0][1] == TftpRequest.OptionsOperation && number == 0)))
                    {
                        return number;
                    }
                }
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Lost: the same again.
            }
        }

        return null;
    }
}
