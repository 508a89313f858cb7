using System.Net.Sockets;
using Pewter.NineP;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Testing;
using static Pewter.Sdk.Tests.SdkHouse;

namespace Pewter.Sdk.Tests.Connecting;

public sealed class PewterConnectionTests
{
    [Fact]
    public async Task A_program_works_over_a_socket_and_goes_on_when_the_daemon_comes_back()
    {
        await using var house = await StartAsync();
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "9p.sock");
        await using var door = new Door(path, house.House.Root);
        await using var client = await PewterClient.ConnectAsync("unix:" + path, cancellation: Token);
        var first = await client.SpawnAsync(new SpawnSpec("sleep", "60") { IsPersistent = true }, Token);
        await door.DropAsync();
        while (!await IsFoundAsync(client, first.Id))
        {
            await Task.Delay(10, Token);
        }

        await first.KillAsync(cancellation: Token);
        Assert.Equal("KILL", (await first.WaitAsync(Token)).Signal);
    }

    [Fact]
    public async Task Where_no_daemon_is_the_sentence_says_what_to_do()
    {
        var refused = await Assert.ThrowsAsync<FileException>(async () => await PewterClient.ConnectAsync("unix:/nowhere/9p.sock", cancellation: Token));
        Assert.Equal(Errno.ECONNREFUSED, refused.Errno);
        Assert.Contains("pewter up", refused.Message);
    }

    [Theory]
    [InlineData("unix:/run/x", EndpointKind.Unix, "/run/x", 0)]
    [InlineData("/run/x", EndpointKind.Unix, "/run/x", 0)]
    [InlineData("tcp://10.0.0.1", EndpointKind.Tcp, "10.0.0.1", 564)]
    [InlineData("tls://host:99", EndpointKind.Tls, "host", 99)]
    public void An_address_is_read(string text, EndpointKind kind, string address, int port)
    {
        var endpoint = PewterEndpoint.Parse(text, "secret");
        Assert.Equal((kind, address, port, "secret"), (endpoint.Kind, endpoint.Address, endpoint.Port, endpoint.Token));
        Assert.DoesNotContain("secret", endpoint.ToString());
    }

    [Theory]
    [InlineData("http://host")]
    [InlineData("")]
    [InlineData("host")]
    public void What_is_no_address_is_refused(string text) =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<FileException>(() => PewterEndpoint.Parse(text)).Errno);

    private static async Task<bool> IsFoundAsync(PewterClient client, string id)
    {
        try
        {
            await client.FindAsync(id, Token);
            return true;
        }
        catch (FileException lost) when (lost.Errno is Errno.ENOLINK or Errno.ECONNRESET)
        {
            return false;
        }
    }

    /// <summary>A 9P server on a socket, whose connections can be dropped.</summary>
    private sealed class Door : IAsyncDisposable, IAttachPoint
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly ServedFile _root;
        private readonly Task _accepting;
        private CancellationTokenSource _life = new();
        private List<Task> _serving = [];

        public Door(string path, ServedFile root)
        {
            _root = root;
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen();
            _accepting = AcceptAsync();
        }

        public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation) => new(new Attachment(_root, Caller.System));

        public async Task DropAsync()
        {
            var (life, serving) = (_life, _serving);
            (_life, _serving) = (new(), []);
            await life.CancelAsync();
            await Task.WhenAll(serving);
            life.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _accepting;
            await DropAsync();
            _life.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var socket = await _listener.AcceptAsync();
                    _serving.Add(ServeAsync(NineTransport.FromSocket(socket), _life.Token));
                }
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(NineTransport transport, CancellationToken life)
        {
            await using (transport)
            {
                await NineServer.ServeAsync(transport, this, Caller.System, NineLimits.Default, TimeProvider.System, life);
            }
        }
    }
}
