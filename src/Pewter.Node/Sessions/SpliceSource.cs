using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>
/// Where spliced bytes come from: a file of this agent's tree, or of another's that is reached directly, <c>unix!SOCKET!PATH</c> or
/// <c>tcp!ADDRESS!PORT!PATH</c>. Owns the connection.
/// </summary>
internal sealed class SpliceSource : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly Func<ulong, Memory<byte>, CancellationToken, ValueTask<int>> _read;
    private ulong _offset;

    private SpliceSource(Func<ulong, Memory<byte>, CancellationToken, ValueTask<int>> read) => _read = read;

    /// <summary>Opens a source. A path that ends in a session's number means its output.</summary>
    internal static async Task<SpliceSource> OpenAsync(TreeClient local, string path, int from, CancellationToken cancellation)
    {
        var parts = path.Split('!');
        return parts switch
        {
            [_] => await OpenLocalAsync(local, StreamPath(path, from), cancellation),
            ["unix", var socket, var file] => await OpenRemoteAsync(new UnixDomainSocketEndPoint(socket), StreamPath(file, from), cancellation),
            ["tcp", var host, var port, var file] => await OpenRemoteAsync(EndPointOf(host, port), StreamPath(file, from), cancellation),
            _ => throw new FileException(Errno.EINVAL, $"splice: '{path}' is neither a path nor unix!SOCKET!PATH nor tcp!ADDRESS!PORT!PATH."),
        };
    }

    internal async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var count = await _read(_offset, buffer, cancellation);
        _offset += (ulong)count;
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }
    }

    private static async Task<SpliceSource> OpenLocalAsync(TreeClient local, string path, CancellationToken cancellation)
    {
        var handle = await local.OpenAsync(path, OpenFlags.ReadOnly, cancellation);
        var source = new SpliceSource(handle.Open.ReadAsync);
        source._owned.Add(handle);
        return source;
    }

    private static async Task<SpliceSource> OpenRemoteAsync(EndPoint endPoint, string path, CancellationToken cancellation)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        NineTransport? transport = null;
        try
        {
            await socket.ConnectAsync(endPoint, cancellation);
            transport = NineTransport.FromSocket(socket);
            var client = await NineClient.ConnectAsync(transport, new NineClientOptions { MessageSize = 1 << 20 }, cancellation: cancellation);
            var root = await client.AttachAsync("root", "", cancellation: cancellation);
            var file = await root.WalkAsync(path.Trim('/'), cancellation);
            await file.OpenAsync(OpenFlags.ReadOnly, cancellation);
            var source = new SpliceSource(file.ReadAsync);
            source._owned.AddRange([transport, client, file]);
            transport = null;
            return source;
        }
        catch (SocketException failure)
        {
            throw new FileException(Errno.ECONNREFUSED, $"splice: {endPoint} does not answer: {failure.Message}", failure);
        }
        finally
        {
            if (transport is not null)
            {
                await transport.DisposeAsync();
            }
        }
    }

    internal static string StreamPath(string path, int from)
    {
        var last = path[(path.LastIndexOf('/') + 1)..];
        return last.Length > 0 && last.All(char.IsAsciiDigit) ? $"{path}/{(from == 2 ? "stderr" : "stdout")}" : path;
    }

    private static IPEndPoint EndPointOf(string host, string port) =>
        IPAddress.TryParse(host, out var address) && ushort.TryParse(port, CultureInfo.InvariantCulture, out var number)
            ? new IPEndPoint(address, number)
            : throw new FileException(Errno.EINVAL, $"splice: '{host}!{port}' is no address and port.");
}
