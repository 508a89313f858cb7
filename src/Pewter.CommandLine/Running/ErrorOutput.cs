using System.Text;

namespace Pewter.CommandLine.Running;

/// <summary>Where the errors of programs go: the bytes as they are where there is a stream for them, else as text among the messages.</summary>
internal sealed class ErrorOutput(CommandHost host)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (host.Errors is { } stream)
        {
            await stream.WriteAsync(bytes, cancellation);
            return;
        }

        var text = new char[_decoder.GetCharCount(bytes.Span, flush: false)];
        _decoder.GetChars(bytes.Span, text, flush: false);
        await host.Messages.WriteAsync(text.AsMemory(), cancellation);
    }
}
