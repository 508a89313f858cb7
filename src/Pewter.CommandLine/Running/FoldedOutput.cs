using System.Text;

namespace Pewter.CommandLine.Running;

/// <summary>
/// Keeps all output until the end and prints what several processes wrote alike once, under the names of their nodes: <c>n[1-16] (16)</c>.
/// </summary>
internal sealed class FoldedOutput(CommandContext context, ProcessLabels labels, int count) : IRunOutput
{
    /// <summary>More of one process is not kept: folding is for short answers, and a person cannot read more.</summary>
    private const int KeptBytes = 4 << 20;

    private readonly StringBuilder?[] _output = new StringBuilder?[count];
    private readonly StringBuilder?[] _errors = new StringBuilder?[count];
    private readonly bool[] _isCut = new bool[count];

    public ValueTask LineAsync(int index, bool isError, string line, CancellationToken cancellation)
    {
        var text = (isError ? _errors : _output)[index] ??= new StringBuilder();
        if (text.Length + line.Length > KeptBytes)
        {
            _isCut[index] = true;
        }
        else
        {
            text.Append(line).Append('\n');
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask EndAsync(CancellationToken cancellation)
    {
        await context.Output.TextAsync(Render(_output, context.Style), cancellation);
        await new ErrorOutput(context.Host).WriteAsync(Encoding.UTF8.GetBytes(Render(_errors, context.MessageStyle)), cancellation);
        if (_isCut.Any(isCut => isCut))
        {
            context.Complain($"of {NodeSet.Fold(Cut())} only the first {KeptBytes >> 20} MiB are shown; without --fold all of it is.");
        }
    }

    public void Dispose()
    {
    }

    private string Render(StringBuilder?[] texts, Output.TextStyle style)
    {
        var page = new StringBuilder();
        var wrote = Enumerable.Range(0, count).Where(i => texts[i] is not null);
        foreach (var group in wrote.GroupBy(i => texts[i]!.ToString()).OrderByDescending(group => group.Count()))
        {
            page.Append(style.Strong($"{NodeSet.Fold(group.Select(i => labels[i]))} ({group.Count()})")).Append('\n').Append(group.Key);
        }

        return page.ToString();
    }

    private IEnumerable<string> Cut() => Enumerable.Range(0, count).Where(i => _isCut[i]).Select(i => labels[i]);
}
