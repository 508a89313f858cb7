using System.Buffers;
using System.IO.Pipelines;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Peers.Links;

/// <summary>
/// One child's end of a link: hello → reply → 9P, with what it writes as the input of the parent's client and what it reads as the
/// output. A cancelled read has
/// consumed nothing; a cancelled write was taken whole. One request of each kind at a time.
/// </summary>
internal sealed class JoinOpen(JoinFile file, PeerTable table, Caller caller) : TreeOpen(file)
{
    private readonly Pipe _fromChild = new(LinkPipe.Options);
    private readonly Pipe _toChild = new(LinkPipe.Options);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private Peer? _peer;
    private bool _isGreeted;
    private Task _running = Task.CompletedTask;

    public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            var result = await _toChild.Reader.ReadAsync(cancellation);
            var part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length));
            part.CopyTo(buffer.Span);
            _toChild.Reader.AdvanceTo(part.End);
            return (int)part.Length;
        }
        finally
        {
            _reading.Release();
        }
    }

    public override async ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (!_isGreeted)
            {
                await GreetAsync(data);
                return data.Length;
            }

            _peer?.Life.Note();
            _fromChild.Writer.Write(data.Span);
            var result = await _fromChild.Writer.FlushAsync(cancellation);
            return result.IsCompleted ? throw new FileException(Errno.EPIPE, "The parent has given this link up.") : data.Length;
        }
        catch (OperationCanceledException) when (_isGreeted)
        {
            return data.Length;
        }
        finally
        {
            _writing.Release();
        }
    }

    protected override async ValueTask CloseAsync()
    {
        await _fromChild.Writer.CompleteAsync();
        await _toChild.Reader.CompleteAsync();
        await _running;
        _reading.Dispose();
        _writing.Dispose();
    }

    private async Task GreetAsync(ReadOnlyMemory<byte> line)
    {
        _isGreeted = true;
        try
        {
            if (line.Length > JoinHello.MaxBytes)
            {
                throw new FileException(Errno.EMSGSIZE, "The hello is too long.");
            }

            var pipe = new LinkPipe(_fromChild.Reader, _toChild.Writer);
            var (peer, link) = await table.AdmitAsync(JoinHello.Read(line.Span), caller, pipe);
            _peer = peer;
            await _toChild.Writer.WriteAsync(JoinReply.Accepted(table.Name), CancellationToken.None);
            _running = table.RunAsync(peer, link);
        }
        catch (FileException refusal)
        {
            // Said in a line and then the end, because an error of 9P2000.L carries no words.
            await _toChild.Writer.WriteAsync(JoinReply.Refused(refusal), CancellationToken.None);
            await _toChild.Writer.CompleteAsync();
            await _fromChild.Reader.CompleteAsync();
        }
    }
}
