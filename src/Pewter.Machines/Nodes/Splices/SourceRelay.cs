using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Threading.Channels;
using Pewter.Linux.Pipes;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>
/// The source's end of a splice between machines: to the source's agent it is the target, to the other machine the source. Reads the pipes that the
/// agent hands over and sends what is in them, no more than the other end allows; passes the words of both agents on. Runs until either is gone.
/// </summary>
internal sealed class SourceRelay(AgentChannel agent, SpliceWire wire, string peer) : IDisposable
{
    private readonly Channel<PipeStream> _pipes = Channel.CreateUnbounded<PipeStream>();
    private readonly SemaphoreSlim _allowed = new(0);
    private readonly CancellationTokenSource _cut = new();
    private readonly CancellationTokenSource _over = new();
    private long _credit = SpliceLimits.Window;
    private volatile bool _isDone;

    /// <summary>Runs it; never fails.</summary>
    public async Task RunAsync()
    {
        Task[] tasks = [ListenAsync(), SendAsync(), ReceiveAsync()];

        // The sender ends when all is sent; the others when nobody is at the other end any more.
        await Task.WhenAny(tasks[0], tasks[2]);
        if (!_isDone)
        {
            agent.Break($"the connection to {peer} broke");
        }

        await _over.CancelAsync();
        await wire.DisposeAsync();
        agent.Dispose();
        await Task.WhenAll(tasks);
        while (_pipes.Reader.TryRead(out var left))
        {
            await left.DisposeAsync();
        }
    }

    /// <summary>To be called when it has run.</summary>
    public void Dispose()
    {
        _allowed.Dispose();
        _cut.Dispose();
        _over.Dispose();
    }

    private Task ListenAsync() => QuietlyAsync(async () =>
    {
        var word = new byte[SpliceLimits.Word];
        while (await agent.ReceiveAsync(word, _over.Token) is { Count: > 0 } came)
        {
            switch (word[0])
            {
                case AgentChannel.Held or AgentChannel.Live when came.Descriptor >= 0:
                    _pipes.Writer.TryWrite(PipeEnd.Open(came.Descriptor, PipeDirection.In));
                    break;
                case AgentChannel.End:
                    _pipes.Writer.TryComplete();
                    break;
                case AgentChannel.Cut:
                    await _cut.CancelAsync();
                    break;
                default:
                    await wire.SendAsync(SpliceWire.Word, word.AsSpan(0, came.Count));
                    break;
            }
        }
    });

    private Task SendAsync() => QuietlyAsync(async () =>
    {
        var frame = new byte[SpliceWire.HeaderBytes + SpliceLimits.Piece];
        await foreach (var pipe in _pipes.Reader.ReadAllAsync(_over.Token))
        {
            await using (pipe)
            {
                while (await ReadAsync(pipe, frame.AsMemory(SpliceWire.HeaderBytes)) is > 0 and var count)
                {
                    Interlocked.Add(ref _credit, -count);
                    await wire.SendAsync(SpliceWire.Data, frame.AsMemory(0, SpliceWire.HeaderBytes + count));
                }
            }
        }

        await wire.SendAsync(SpliceWire.End, default(ReadOnlySpan<byte>));
    });

    private async ValueTask<int> ReadAsync(PipeStream pipe, Memory<byte> buffer)
    {
        while (Volatile.Read(ref _credit) <= 0)
        {
            await _allowed.WaitAsync(_over.Token);
        }

        var room = buffer[..(int)Math.Min(buffer.Length, Volatile.Read(ref _credit))];
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token, _over.Token);
        try
        {
            return _cut.IsCancellationRequested ? await LeftAsync(pipe, room) : await pipe.ReadAsync(room, either.Token);
        }
        catch (OperationCanceledException) when (_cut.IsCancellationRequested && !_over.IsCancellationRequested)
        {
            return await LeftAsync(pipe, room);
        }
    }

    // The program is over and others hold its output open: what is in the pipe now is the end of it.
    private ValueTask<int> LeftAsync(PipeStream pipe, Memory<byte> room) =>
        AnonymousPipe.Available((int)pipe.SafePipeHandle.DangerousGetHandle()) > 0 ? pipe.ReadAsync(room, _over.Token) : new(0);

    private Task ReceiveAsync() => QuietlyAsync(async () =>
    {
        var buffer = new byte[SpliceLimits.Word];
        while (await wire.ReadAsync(buffer) is { } came)
        {
            if (came.Letter == SpliceWire.Credit && came.Count == sizeof(long))
            {
                Interlocked.Add(ref _credit, BinaryPrimitives.ReadInt64LittleEndian(buffer));
                _allowed.Release();
            }
            else if (came.Letter == SpliceWire.Word && came.Count > 0)
            {
                _isDone |= buffer[0] is AgentChannel.Done or AgentChannel.Broken;
                agent.Send(buffer.AsSpan(0, came.Count));
            }
        }
    });

    private static async Task QuietlyAsync(Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // One of the two is gone; RunAsync says so to the other.
        }
    }
}
