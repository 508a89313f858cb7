using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Pewter.Testing;

namespace Pewter.Tls.Tests;

/// <summary>Both ends against each other, and each against OpenSSL.</summary>
public sealed class TlsStreamTests
{
    private const string Identity = "n12";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Hex => Convert.ToHexString(Key);

    [Fact]
    public async Task What_one_writes_the_other_reads_both_ways_at_once()
    {
        var (client, server) = await PairAsync(Key);
        await using (client)
        await using (server)
        {
            var sent = RandomNumberGenerator.GetBytes(1 << 20);
            await Task.WhenAll(SendAsync(client, sent), SendAsync(server, sent), ReceiveAsync(server, sent), ReceiveAsync(client, sent));
        }
    }

    [Fact]
    public async Task Who_has_another_key_is_refused_and_both_sides_know()
    {
        var failure = await Assert.ThrowsAnyAsync<TlsException>(() => PairAsync(RandomNumberGenerator.GetBytes(32)));
        Assert.Contains("another key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_known_is_refused() =>
        Assert.Contains("called 'n13'", (await Assert.ThrowsAnyAsync<TlsException>(() => PairAsync(Key, "n13"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_byte_that_somebody_changes_on_the_way_ends_the_connection()
    {
        var (near, far) = Streams();
        var accept = TlsStream.AcceptAsync(new Meddler(far), _ => Key, Token);
        await using var client = await TlsStream.ConnectAsync(near, Identity, Key, Token);
        await using var server = await accept;
        await client.WriteAsync("to be read"u8.ToArray(), Token);
        var buffer = new byte[64];
        Assert.Equal(10, await server.ReadAsync(buffer, Token));
        await client.WriteAsync("meddle here"u8.ToArray(), Token);
        await Assert.ThrowsAsync<TlsException>(async () => await server.ReadExactlyAsync(buffer, Token));
    }

    [Fact]
    public async Task OpenSSL_is_a_client_of_ours_and_may_ask_for_new_keys()
    {
        using var listener = Listen(out var port);
        using var client = Shell.Start(string.Create(
            CultureInfo.InvariantCulture,
            $"(sleep 1; echo one; sleep 1; echo K; sleep 1; echo two; sleep 3) | openssl s_client -connect 127.0.0.1:{port} -tls1_3 -psk_identity {Identity} "
                + $"-psk {Hex} -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -allow_no_dhe_kex 2>&1"));
        await using var server = await TlsStream.AcceptAsync(
            new NetworkStream(await listener.AcceptSocketAsync(Token), ownsSocket: true), identity => identity == Identity ? Key : null, Token);
        Assert.Equal("one\n", await LineAsync(server));
        await server.WriteAsync("heard one\n"u8.ToArray(), Token);
        Assert.Equal("two\n", await LineAsync(server));
        await server.WriteAsync("heard two\n"u8.ToArray(), Token);
        var heard = "";
        while (!heard.Contains("heard two", StringComparison.Ordinal))
        {
            heard += await client.StandardOutput.ReadLineAsync(Token) + "\n";
        }

        Assert.Contains("heard one", heard, StringComparison.Ordinal);
        Assert.Contains("TLS_CHACHA20_POLY1305_SHA256", heard, StringComparison.Ordinal);
        client.Kill(entireProcessTree: true);
    }

    [Fact]
    public async Task OpenSSL_is_a_server_to_ours()
    {
        int port;
        using (var free = Listen(out port))
            free.Stop();

        using var server = Shell.Start(string.Create(
            CultureInfo.InvariantCulture,
            $"exec openssl s_server -accept 127.0.0.1:{port} -nocert -tls1_3 -psk_identity {Identity} -psk {Hex} "
                + $"-ciphersuites TLS_CHACHA20_POLY1305_SHA256 -allow_no_dhe_kex -rev 2>&1"));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Until.TrueAsync(() => TryConnect(socket, port), "s_server listens");
        await using (var client = await TlsStream.ConnectAsync(new NetworkStream(socket, ownsSocket: true), Identity, Key, Token))
        {
            await client.WriteAsync("desserts\n"u8.ToArray(), Token);
            Assert.Equal("stressed\n", await LineAsync(client));
        }

        server.Kill(entireProcessTree: true);
    }

    private static bool TryConnect(Socket socket, int port)
    {
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static TcpListener Listen(out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }

    private static (Stream Near, Stream Far) Streams()
    {
        using var listener = Listen(out var port);
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(IPAddress.Loopback, port);
        return (new NetworkStream(near, ownsSocket: true), new NetworkStream(listener.AcceptSocket(), ownsSocket: true));
    }

    private static async Task<(TlsStream Client, TlsStream Server)> PairAsync(byte[] key, string identity = Identity)
    {
        var (near, far) = Streams();
        var accept = TlsStream.AcceptAsync(far, name => name == Identity ? Key : null, Token);
        var connect = TlsStream.ConnectAsync(near, identity, key, Token);
        try
        {
            var client = await connect;
            return (client, await accept);
        }
        catch (TlsException)
        {
            // What the server says is more exact than the alert that the client has of it.
            await accept;
            throw;
        }
    }

    private static async Task SendAsync(TlsStream stream, byte[] data)
    {
        for (var at = 0; at < data.Length; at += 70_000)
            await stream.WriteAsync(data.AsMemory(at, Math.Min(70_000, data.Length - at)), Token);
    }

    private static async Task ReceiveAsync(TlsStream stream, byte[] expected)
    {
        var got = new byte[expected.Length];
        await stream.ReadExactlyAsync(got, Token);
        Assert.True(expected.AsSpan().SequenceEqual(got));
    }

    private static async Task<string> LineAsync(TlsStream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while ((line.Count == 0 || line[^1] != '\n') && await stream.ReadAsync(one, Token) == 1)
            line.Add(one[0]);
        return Encoding.ASCII.GetString([.. line]);
    }

    /// <summary>Passes everything on, but for a bit of the last byte of the second record of data.</summary>
    private sealed class Meddler(Stream below) : Stream
    {
        private int _data;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await below.ReadAsync(buffer, cancellationToken);
            // Records are read in two pieces; the third of protected ones is the second of data, after the client's end of the handshake.
            if (count == 5 && buffer.Span[0] == 23)
                _data++;
            else if (_data == 3)
                buffer.Span[count - 1] ^= 1;
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            below.WriteAsync(buffer, cancellationToken);

        public override void Flush() => below.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            below.Dispose();
            base.Dispose(disposing);
        }
    }
}
