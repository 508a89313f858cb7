using System.CommandLine;
using Pewter.CommandLine.Running;
using Pewter.Sdk;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter logs ID</c>: what a process has written so far, and with <c>--follow</c> what it goes on to write.</summary>
internal sealed class LogsCommand : PewterCommand
{
    /// <summary>A stream that says nothing for so long has told what it had.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly Argument<string> _id = new("ID") { Description = "As 'pewter ps' lists it" };
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on until it is over" };

    public LogsCommand(CommandHost host)
        : base(host, "logs", "Print what a process has written")
    {
        Add(_id);
        Add(_follow);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var process = await (await context.SystemAsync()).FindAsync(context.Value(_id)!, context.Cancellation);
        var errors = new ErrorOutput(context.Host);
        await Task.WhenAll(
            CopyAsync(context, await process.OpenOutputAsync(context.Cancellation), bytes => context.Output.BytesAsync(bytes, context.Cancellation)),
            CopyAsync(context, await process.OpenErrorsAsync(context.Cancellation), bytes => errors.WriteAsync(bytes, context.Cancellation)));
        return ExitCode.Ok;
    }

    private async Task CopyAsync(CommandContext context, TreeStream stream, Func<ReadOnlyMemory<byte>, ValueTask> write)
    {
        await using (stream)
        {
            var buffer = new byte[64 << 10];
            while (await ReadAsync(context, stream, buffer) is > 0 and var count)
            {
                await write(buffer.AsMemory(0, count));
            }
        }
    }

    private async ValueTask<int> ReadAsync(CommandContext context, TreeStream stream, byte[] buffer)
    {
        if (context.Value(_follow))
        {
            return await stream.ReadAsync(buffer, context.Cancellation);
        }

        using var quiet = new CancellationTokenSource(Quiet, context.Host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, context.Cancellation);
        try
        {
            return await stream.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException) when (quiet.IsCancellationRequested)
        {
            return 0;
        }
    }
}
