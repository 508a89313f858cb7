using System.Buffers.Binary;
using System.Text;
using Pewter.Linux;
using Pewter.Linux.Polling;
using Pewter.Linux.Sockets;
using Pewter.Node.Processes;

namespace Pewter.Node.Splices;

/// <summary>
/// What the two ends of a splice say to each other beside the bytes, on a pair of sockets: the source's end hands over pipes, the target's end
/// tells how far it is. Owns the socket; lives on the loop's thread.
/// </summary>
/// <remarks>
/// A message is one letter and what belongs to it. From the source: <c>h</c> a pipe with what was printed before, <c>l</c> the program's own
/// pipe, <c>e</c> there is no more, <c>x</c> take what is in the pipe and do not wait for its holders, <c>w</c> the program has ended by itself
/// or lives on without its output, so that what was taken is the whole. From the target: <c>c</c> and a count of bytes, <c>d</c> all taken. From
/// either <c>b</c> and a sentence: broken. A source that closes without <c>w</c> or <c>b</c> has died, even if its pipe had ended before: when a
/// node dies its programs are gone first. So has a target that closes without <c>d</c> or <c>b</c>.
/// </remarks>
internal sealed class SpliceChannel : ILoopHandler
{
    internal const char Held = 'h';
    internal const char Live = 'l';
    internal const char End = 'e';
    internal const char Cut = 'x';
    internal const char Whole = 'w';
    internal const char Count = 'c';
    internal const char Done = 'd';
    internal const char Broken = 'b';

    private const int LongestMessage = 1024;

    private readonly EventLoop _loop;
    private readonly Action<char, int, ReadOnlySpan<byte>> _received;
    private readonly Action _died;
    private int _socket;
    private ulong _tag;

    /// <summary>A channel over one of a pair, which it then owns.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="received">Takes a letter, a descriptor that is then its own or -1, and the rest.</param>
    /// <param name="died">Told when the other end has closed.</param>
    internal SpliceChannel(EventLoop loop, int socket, Action<char, int, ReadOnlySpan<byte>> received, Action died) =>
        (_loop, _socket, _received, _died) = (loop, socket, received, died);

    internal bool IsClosed => _socket < 0;

    /// <summary>Begins to receive.</summary>
    internal void Start() => _loop.Add(_socket, EpollEvents.Input, this, out _tag);

    internal void Send(char letter, int descriptor = -1)
    {
        Span<byte> message = [(byte)letter];
        if (_socket >= 0)
        {
            _ = DescriptorPassing.Send(_socket, message, descriptor < 0 ? [] : [descriptor]);
        }
    }

    internal void Send(char letter, long count)
    {
        Span<byte> message = stackalloc byte[9];
        message[0] = (byte)letter;
        BinaryPrimitives.WriteInt64LittleEndian(message[1..], count);
        if (_socket >= 0)
        {
            _ = DescriptorPassing.Send(_socket, message, []);
        }
    }

    internal void Send(char letter, string sentence)
    {
        if (_socket >= 0)
        {
            var text = Encoding.UTF8.GetBytes(letter + sentence);
            _ = DescriptorPassing.Send(_socket, text.AsSpan(0, Math.Min(text.Length, LongestMessage)), []);
        }
    }

    /// <summary>Says on one of a pair that nothing will come of it, and closes it.</summary>
    internal static void Refuse(int socket, string sentence)
    {
        _ = DescriptorPassing.Send(socket, Encoding.UTF8.GetBytes(Broken + sentence), []);
        Descriptors.Close(socket);
    }

    internal static long CountOf(ReadOnlySpan<byte> rest) => rest.Length == 8 ? BinaryPrimitives.ReadInt64LittleEndian(rest) : 0;

    public void OnReady(EpollEvents events)
    {
        Span<byte> buffer = stackalloc byte[LongestMessage];
        var given = new List<int>();
        while (_socket >= 0)
        {
            given.Clear();
            var count = DescriptorPassing.Receive(_socket, buffer, given);
            if (count == -LinuxErrno.EAGAIN)
            {
                return;
            }

            if (count > 0)
            {
                _received((char)buffer[0], given is [var descriptor] ? descriptor : -1, buffer[1..count]);
            }
            else if (count is not (-LinuxErrno.EINTR or -LinuxErrno.ECONNRESET))
            {
                // A reset tells that the other end closed without reading all; what it had sent before is still to be read.
                Close();
                _died();
            }
        }
    }

    internal void Close()
    {
        if (_socket >= 0)
        {
            if (_tag != 0)
            {
                _loop.Remove(_socket, _tag);
            }

            Descriptors.Close(_socket);
            _socket = -1;
        }
    }
}
