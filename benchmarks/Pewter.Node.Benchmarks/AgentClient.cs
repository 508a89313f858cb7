using System.Net.Sockets;
using System.Text;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Tree;

namespace Pewter.Node.Benchmarks;

/// <summary>A connection to an agent.</summary>
internal sealed class AgentClient : IAsyncDisposable
{
    private readonly NineTransport _transport;
    private readonly NineClient _client;

    private AgentClient(NineTransport transport, NineClient client, NineFile root)
    {
        (_transport, _client) = (transport, client);
        Tree = new TreeClient(new RemoteTree((_, _) => new(root), TimeProvider.System).Directory(), Caller.System);
    }

    public TreeClient Tree { get; }

    public static async Task<AgentClient> OpenAsync(string path)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(5);
                continue;
            }

            var transport = NineTransport.FromSocket(socket);
            var client = await NineClient.ConnectAsync(transport);
            return new AgentClient(transport, client, await client.AttachAsync("root", ""));
        }
    }

    /// <summary>Starts a command line in a session that stays, and gives its directory.</summary>
    public async Task<string> RunAsync(params string[] lines)
    {
        await using var ctl = await Tree.OpenAsync("/proc/clone", OpenFlags.ReadWrite);
        var id = (await ctl.ReadTextAsync()).Trim();
        await ctl.WriteTextAsync("type persistent\n");
        foreach (var line in lines)
        {
            await ctl.WriteTextAsync(line + "\n");
        }

        return $"/proc/{id}";
    }

    public async Task<string> ReadAsync(string path)
    {
        await using var file = await Tree.OpenAsync(path);
        return Encoding.UTF8.GetString(await file.ReadToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _transport.DisposeAsync();
    }
}
