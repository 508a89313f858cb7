using System.Net.Sockets;
using System.Text;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Tree;

namespace Pewter.Node.Tests.Agents;

/// <summary>A connection to an agent's socket, used as a tree.</summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    private readonly NineTransport _transport;
    private readonly NineClient _client;
    private readonly NineFile _root;

    private AgentConnection(NineTransport transport, NineClient client, NineFile root)
    {
        (_transport, _client, _root) = (transport, client, root);
        Tree = new TreeClient(new RemoteTree((_, _) => new(root), TimeProvider.System).Directory(), Caller.System);
    }

    public TreeClient Tree { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Connects, waiting up to some seconds for the agent to listen.</summary>
    public static async Task<AgentConnection> OpenAsync(string socketPath, string user = "root")
    {
        for (var tries = 0; ; tries++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), Token);
            }
            catch (SocketException) when (tries < 200)
            {
                socket.Dispose();
                await Task.Delay(50, Token);
                continue;
            }

            var transport = NineTransport.FromSocket(socket);
            var client = await NineClient.ConnectAsync(transport, cancellation: Token);
            return new AgentConnection(transport, client, await client.AttachAsync(user, "", cancellation: Token));
        }
    }

    public async Task<string> ReadAsync(string path)
    {
        await using var file = await Tree.OpenAsync(path, OpenFlags.ReadOnly, Token);
        return Encoding.UTF8.GetString(await file.ReadToEndAsync(Token));
    }

    /// <summary>Starts a shell script in a session that stays, and gives its directory.</summary>
    public async Task<string> RunAsync(string script, params string[] before)
    {
        await using var ctl = await Tree.OpenAsync("/proc/clone", OpenFlags.ReadWrite, Token);
        var id = (await ctl.ReadTextAsync(Token)).Trim();
        foreach (var line in (string[])["type persistent", .. before, $"exec /bin/sh -c {RcQuoting.Quote(script)}"])
        {
            await ctl.WriteTextAsync(line + "\n", Token);
        }

        return $"/proc/{id}";
    }

    public async Task CommandAsync(string path, string line)
    {
        await using var ctl = await Tree.OpenAsync($"{path}/ctl", OpenFlags.WriteOnly, Token);
        await ctl.WriteTextAsync(line + "\n", Token);
    }

    /// <summary>Runs a script to its end and gives what it printed.</summary>
    public async Task<string> OutputOfAsync(string script) => await ReadAsync($"{await RunAsync($"{{ {script}; }} 2>&1")}/stdout");

    public async ValueTask DisposeAsync()
    {
        await _root.DisposeAsync();
        await _client.DisposeAsync();
        await _transport.DisposeAsync();
    }
}
