using System.Net;
using System.Net.Sockets;
using Pewter.Tls;

namespace Pewter.Apps.Node.Boot;

/// <summary>
/// Where a guest's agent is spoken to: the virtio port that the host gave it, or, where there is none, TCP under TLS with the key of its seed.
/// </summary>
internal static class AgentDoor
{
    private const string PortName = "org.pewter.agent";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Ask = TimeSpan.FromMilliseconds(500);

    // A port turns up within milliseconds of its driver; who has none is asked for a seed only then.
    private static readonly TimeSpan PortFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(20);

    /// <summary>Waits for a way and serves there; returns what it is.</summary>
    internal static async Task<string> OpenAsync(Agent agent, TimeProvider time)
    {
        var words = KernelWords.Read();
        var (began, asked) = (time.GetTimestamp(), 0L);
        while (true)
        {
            if (VirtioPort.Find(PortName) is { } port)
            {
                agent.Server.ServePort(port);
                return port;
            }

            var isTold = words["pewter.seed"] is not null;
            if ((isTold || time.GetElapsedTime(began) > PortFirst) && (asked == 0 || time.GetElapsedTime(asked) > Ask))
            {
                asked = time.GetTimestamp();
                if (await AgentSeed.FindAsync(words) is { } seed)
                {
                    return Listen(agent, seed, time);
                }
            }

            await Task.Delay(Look, time);
        }
    }

    private static string Listen(Agent agent, AgentSeed seed, TimeProvider time)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Any, seed.Port));
        listener.Listen();
        agent.Server.Listen(listener, async (stream, cancellation) =>
        {
            using var patience = new CancellationTokenSource(Handshake, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            return await TlsStream.AcceptAsync(stream, identity => identity == seed.Identity ? seed.Key : null, either.Token);
        });
        return $"port {seed.Port}";
    }
}
