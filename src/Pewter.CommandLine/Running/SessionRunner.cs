using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Running;

/// <summary>
/// Sits at a session as a terminal does at a program: its output is printed here, what is typed here is its input,
/// signals go there, and its exit code is this program's.
/// </summary>
internal sealed class SessionRunner(CommandContext context, bool takesInput)
{
    private const int PieceBytes = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private CancellationToken Cancellation => context.Cancellation;

    /// <summary>Runs at one process.</summary>
    public async ValueTask<int> RunAsync(Process process)
    {
        var errors = new ErrorOutput(context.Host);
        await using var signals = new SignalForwarder(context, process);
        await using var input = new InputPump(context, process, takesInput);
        try
        {
            await Task.WhenAll(
                CopyAsync(await process.OpenOutputAsync(Cancellation), bytes => context.Output.BytesAsync(bytes, Cancellation)),
                CopyAsync(await process.OpenErrorsAsync(Cancellation), bytes => errors.WriteAsync(bytes, Cancellation)));
            var exit = await process.WaitAsync(Cancellation);
            Explain("", exit);
            return exit.ShellCode;
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            throw;
        }
        catch (IOException)
        {
            // Nobody reads any more: what a closed pipe does to a program here.
            await EndAsync(process);
            throw;
        }
    }

    /// <summary>Runs at a group; the worst of its exit codes is the result.</summary>
    public async ValueTask<int> RunAsync(ProcessGroup group, bool folds)
    {
        var labels = new ProcessLabels(group.Members);
        using IRunOutput output = folds ? new FoldedOutput(context, labels, group.Members.Count) : new LabelledOutput(context, labels);
        await using var signals = new SignalForwarder(context, group);
        await using var input = new InputPump(context, group, takesInput);
        try
        {
            await Task.WhenAll(
                PrintAsync(group.ReadLinesAsync(Cancellation), false, output), PrintAsync(group.ReadErrorLinesAsync(Cancellation), true, output));
            var exits = await group.WaitAllAsync(Cancellation);
            await output.EndAsync(Cancellation);
            foreach (var same in Enumerable.Range(0, exits.Count).Where(i => !exits[i].IsSuccess).GroupBy(i => exits[i].ToString()))
            {
                Explain(NodeSet.Fold(same.Select(i => labels[i])) + ": ", exits[same.First()], isGroup: true);
            }

            return exits.Max(exit => exit.ShellCode);
        }
        catch (Exception left) when (left is OperationCanceledException or IOException)
        {
            await EndAsync(group);
            throw;
        }
    }

    private async Task PrintAsync(IAsyncEnumerable<(Process Process, string Line)> lines, bool isError, IRunOutput output)
    {
        await foreach (var (process, line) in lines)
        {
            await output.LineAsync(process.Index, isError, line, Cancellation);
        }
    }

    private async Task CopyAsync(TreeStream stream, Func<ReadOnlyMemory<byte>, ValueTask> write)
    {
        await using (stream)
        {
            var buffer = new byte[PieceBytes];
            while (await stream.ReadAsync(buffer, Cancellation) is > 0 and var count)
            {
                await write(buffer.AsMemory(0, count));
            }
        }
    }

    // An exit code speaks for itself; of a single program anything else needs a word, of a group everything but success.
    internal void Explain(string who, ExitResult exit, bool isGroup = false)
    {
        if (exit.Cause != ExitCause.Exit || isGroup)
        {
            context.Complain($"{who}{exit}");
        }

        if (exit.DroppedBytes > 0)
        {
            context.Complain($"{who}{exit.DroppedBytes} bytes of its output were dropped before they were read");
        }
    }

    internal async ValueTask EndAsync(ProcessSession session)
    {
        try
        {
            await session.KillAsync();
            using var patience = new CancellationTokenSource(Patience, context.Host.Time);
            await session.EndAsync(patience.Token);
        }
        catch (Exception late) when (late is FileException or OperationCanceledException)
        {
            // It is over already, or out of reach; nothing more can be done from here.
        }
    }
}
