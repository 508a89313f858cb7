using System.Text;

namespace Pewter.CommandLine.Running;

/// <summary>Prints each line as it comes, behind its node's name.</summary>
internal sealed class LabelledOutput(CommandContext context, ProcessLabels labels) : IRunOutput
{
    private readonly ErrorOutput _errors = new(context.Host);
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async ValueTask LineAsync(int index, bool isError, string line, CancellationToken cancellation)
    {
        var style = isError ? context.MessageStyle : context.Style;
        var label = labels[index] + ":";
        var bytes = Encoding.UTF8.GetBytes($"{style.Strong(label)}{new string(' ', labels.Width + 2 - label.Length)}{line}\n");

        // Two streams, one terminal: a line is not to fall into another.
        await _turn.WaitAsync(cancellation);
        try
        {
            await (isError ? _errors.WriteAsync(bytes, cancellation) : context.Output.BytesAsync(bytes, cancellation));
        }
        finally
        {
            _turn.Release();
        }
    }

    public ValueTask EndAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public void Dispose() => _turn.Dispose();
}
