using System.Net.Sockets;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Tests.Sample;
using Pewter.NineP.Transport;

namespace Pewter.NineP.Tests.Transport;

public sealed class NineTransportTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Large_and_small_messages_pass_over_a_socket(bool tcp)
    {
        var tree = new SampleTree();
        await using var server = tcp ? SocketServer.OnTcp(tree) : SocketServer.OnUnix(tree);
        await using var transport = await server.ConnectAsync();
        await using var client = await NineClient.ConnectAsync(transport, NineClientOptions.Default with { MessageSize = 1 << 20 });
        await using var root = await client.AttachAsync("alice", "root");
        var content = new byte[1 << 20];
        new Random(3).NextBytes(content);
        await using var file = await root.WalkAsync([]);
        await file.CreateAsync("large", OpenFlags.ReadWrite, 0x1A4);

        await file.WriteAllAsync(0, content);
        var reads = Enumerable.Range(0, 40).Select(_ => file.ReadAllAsync(2 << 20)).ToArray();

        foreach (var read in reads)
            Assert.Equal(content, await read);
        Assert.Equal(1 << 20, client.MessageSize);
    }

    [Fact]
    public async Task Many_callers_share_one_connection()
    {
        await using var server = SocketServer.OnUnix(new SampleTree());
        await using var transport = await server.ConnectAsync();
        await using var client = await NineClient.ConnectAsync(transport);
        await using var root = await client.AttachAsync("alice", "root");

        var texts = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => root.ReadTextAsync("folder/inner")));

        Assert.All(texts, text => Assert.Equal("inner\n", text));
    }

    [Fact]
    public async Task Disposing_a_transport_ends_a_read_under_way()
    {
        var (one, other) = Pair();
        using (other)
        {
            var transport = NineTransport.FromSocket(one);
            var reading = transport.Input.ReadAsync().AsTask();
            await Task.Delay(20);
            await transport.DisposeAsync();
            try
            {
                Assert.True((await reading.WaitAsync(TimeSpan.FromSeconds(10))).IsCompleted);
            }
            catch (IOException)
            {
                // The kernel may report the end or the abort, as it was faster.
            }
        }
    }

    [Fact]
    public async Task A_pending_read_can_be_cancelled_and_the_next_one_goes_on()
    {
        var (one, other) = Pair();
        using (other)
        await using (var transport = NineTransport.FromSocket(one))
        {
            var reading = transport.Input.ReadAsync().AsTask();
            transport.Input.CancelPendingRead();
            var cancelled = await reading.WaitAsync(TimeSpan.FromSeconds(10));
            Assert.True(cancelled.IsCanceled);
            transport.Input.AdvanceTo(cancelled.Buffer.Start);

            await other.SendAsync(new byte[5]);
            var result = await transport.Input.ReadAsync();
            Assert.Equal((false, 5), (result.IsCanceled, (int)result.Buffer.Length));
            transport.Input.AdvanceTo(result.Buffer.GetPosition(2), result.Buffer.End);
            await other.SendAsync(new byte[1]);
            Assert.Equal(4, (await transport.Input.ReadAsync()).Buffer.Length);
        }
    }

    private static (Socket One, Socket Other) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        one.Connect(listener.LocalEndPoint!);
        return (one, listener.Accept());
    }
}
