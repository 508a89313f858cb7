using System.Net.Sockets;
using System.Text;
using Pewter.Linux;
using Pewter.Linux.Sockets;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>
/// The daemon's end of the channel over which an agent speaks of one splice, as the agent of the other machine would. Words and their letters
/// are those of the agent's SpliceChannel. Owns the socket; one task receives.
/// </summary>
internal sealed class AgentChannel : IDisposable
{
    public const byte Held = (byte)'h';
    public const byte Live = (byte)'l';
    public const byte End = (byte)'e';
    public const byte Cut = (byte)'x';
    public const byte Done = (byte)'d';
    public const byte Broken = (byte)'b';
    public const byte Whole = (byte)'w';

    private readonly Socket _socket;
    private readonly List<int> _given = [];

    /// <param name="socket">One of a <see cref="SocketPair.CreateSequenced"/>, which it then owns.</param>
    public AgentChannel(int socket) => _socket = new Socket(new SafeSocketHandle(socket, ownsHandle: true));

    /// <summary>Waits for a word. Gives its length, 0 when the agent has closed, and the descriptor that came with it, or -1.</summary>
    public async ValueTask<(int Count, int Descriptor)> ReceiveAsync(Memory<byte> word, CancellationToken cancellation)
    {
        while (true)
        {
            // Looks without taking, because what .NET takes loses its descriptors.
            await _socket.ReceiveAsync(word[..1], SocketFlags.Peek, cancellation);
            _given.Clear();
            var count = DescriptorPassing.Receive((int)_socket.Handle, word.Span, _given);
            if (count is not (-LinuxErrno.EAGAIN or -LinuxErrno.EINTR))
            {
                return (Math.Max(count, 0), _given is [var descriptor] ? descriptor : -1);
            }
        }
    }

    /// <summary>Says a word; nothing when the agent has closed.</summary>
    public void Send(ReadOnlySpan<byte> word, int descriptor = -1) =>
        _ = DescriptorPassing.Send((int)_socket.Handle, word, descriptor < 0 ? [] : [descriptor]);

    /// <summary>Says that the splice is broken, and why.</summary>
    public void Break(string why) => Send(Encoding.UTF8.GetBytes((char)Broken + why));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
