using System.IO.Pipelines;
using System.IO.Pipes;
using System.Net.Sockets;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>
/// The target's end of a splice between machines: to the target's agent it is the source, to the other machine the target. What comes goes into
/// a pipe that the agent was handed; what the program has room for is what the other end may send more. At most one window lies here. Runs until
/// either is gone.
/// </summary>
internal sealed class TargetRelay(AgentChannel agent, PipeStream pipe, SpliceWire wire, string peer) : IDisposable
{
    // So much is allowed at once, so that words about room are few.
    private const int Grant = SpliceLimits.Window / 8;

    private readonly Pipe _arrived = new(
        new System.IO.Pipelines.PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false));
    private readonly CancellationTokenSource _over = new();
    private long _unwritten;
    private bool _hasVerdict;

    /// <summary>Runs it; never fails.</summary>
    public async Task RunAsync()
    {
        Task[] tasks = [ReceiveAsync(), WriteAsync(), ListenAsync()];
        await Task.WhenAny(tasks[0], tasks[2]);
        if (!_hasVerdict)
        {
            agent.Break($"the connection to {peer} broke");
        }

        // The pipe after the word: its end alone would look as if all had come.
        await _over.CancelAsync();
        await wire.DisposeAsync();
        await Task.WhenAll(tasks);
        await pipe.DisposeAsync();
        agent.Dispose();
    }

    /// <summary>To be called when it has run.</summary>
    public void Dispose() => _over.Dispose();

    private async Task ReceiveAsync()
    {
        try
        {
            var buffer = new byte[SpliceLimits.Piece];
            for (var unread = 0L; await wire.ReadAsync(buffer) is { } came;)
            {
                switch (came.Letter)
                {
                    case SpliceWire.Data when (unread = Interlocked.Add(ref _unwritten, came.Count)) <= SpliceLimits.Window:
                        await _arrived.Writer.WriteAsync(buffer.AsMemory(0, came.Count));
                        break;
                    case SpliceWire.Data:
                        throw new IOException($"The other machine sends more than it may: {unread} bytes lie here.");
                    case SpliceWire.End:
                        await _arrived.Writer.CompleteAsync();
                        break;
                    case SpliceWire.Word when came.Count > 0:
                        _hasVerdict |= buffer[0] is AgentChannel.Whole or AgentChannel.Broken;
                        agent.Send(buffer.AsSpan(0, came.Count));
                        break;
                }
            }
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // RunAsync tells the agent.
        }
    }

    private async Task WriteAsync()
    {
        var written = 0L;
        try
        {
            while (true)
            {
                var result = await _arrived.Reader.ReadAsync(_over.Token);
                foreach (var piece in result.Buffer)
                {
                    await pipe.WriteAsync(piece, _over.Token);
                    Interlocked.Add(ref _unwritten, -piece.Length);
                    written += piece.Length;
                    if (written >= Grant)
                    {
                        await wire.AllowAsync(written);
                        written = 0;
                    }
                }

                _arrived.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }

            await pipe.DisposeAsync();
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The program reads no more, which its agent says by a word of its own; or the splice is over.
        }
    }

    private async Task ListenAsync()
    {
        var word = new byte[SpliceLimits.Word];
        try
        {
            while (await agent.ReceiveAsync(word, _over.Token) is { Count: > 0 } came)
            {
                await wire.SendAsync(SpliceWire.Word, word.AsSpan(0, came.Count));
            }
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // RunAsync ends the rest.
        }
    }
}
