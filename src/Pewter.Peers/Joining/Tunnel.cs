using System.Buffers;
using System.IO.Pipelines;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.Peers.Links;

namespace Pewter.Peers.Joining;

/// <summary>
/// The child's end of a link: an open of the parent's <c>/peer/join</c> as a duplex pipe that the child serves 9P on. Two tasks move
/// the bytes, one read and one
/// write in flight each; they end when the connection that the file is on does, which the owner closes first.
/// </summary>
internal sealed class Tunnel : IDuplexPipe, IAsyncDisposable
{
    private const int ReadSize = 64 * 1024;

    private readonly Pipe _in = new(LinkPipe.Options);
    private readonly Pipe _out = new(LinkPipe.Options);
    private readonly NineFile _file;
    private readonly SignOfLife _life;
    private readonly Task _receiving;
    private readonly Task _sending;

    /// <summary>Starts to move bytes.</summary>
    /// <param name="file">The open after the hello.</param>
    /// <param name="early">What came with the reply.</param>
    /// <param name="life">Is told when something came.</param>
    public Tunnel(NineFile file, ReadOnlyMemory<byte> early, SignOfLife life)
    {
        (_file, _life) = (file, life);
        _receiving = ReceiveAsync(early);
        _sending = SendAsync();
    }

    public PipeReader Input => _in.Reader;

    public PipeWriter Output => _out.Writer;

    /// <summary>To be called when the connection is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _in.Reader.CompleteAsync();
        await _out.Writer.CompleteAsync();
        await _receiving;
        await _sending;
    }

    private async Task ReceiveAsync(ReadOnlyMemory<byte> early)
    {
        try
        {
            _in.Writer.Write(early.Span);
            while (!(await _in.Writer.FlushAsync()).IsCompleted)
            {
                var count = await _file.ReadAsync(0, _in.Writer.GetMemory(ReadSize));
                if (count == 0)
                {
                    break;
                }

                _life.Note();
                _in.Writer.Advance(count);
            }
        }
        catch (FileException)
        {
            // The connection is lost; the server finds its input ended.
        }
        finally
        {
            await _in.Writer.CompleteAsync();
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var result = await _out.Reader.ReadAsync();
                foreach (var piece in result.Buffer)
                {
                    await _file.WriteAllAsync(0, piece);

                    // Its answer came: a child that sends much is not given up for the beat that queues behind.
                    _life.Note();
                }

                _out.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (FileException)
        {
            // The same.
        }
        finally
        {
            await _out.Reader.CompleteAsync();
        }
    }
}
