using System.CommandLine;
using Pewter.CommandLine.Trees;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// <c>pewter node console</c>: sits at a machine's serial line, beside whoever else does. Ctrl-C leaves it.
/// </summary>
internal sealed class NodeConsoleCommand : PewterCommand
{
    private const int PieceBytes = 4 << 10;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly Argument<string> _node = NodeArguments.Node();
    private readonly Option<bool> _noInput = new("--no-input") { Description = "Only watch" };
    private readonly Option<bool> _noFollow = new("--no-follow") { Description = "Print what was said lately and end" };

    public NodeConsoleCommand(CommandHost host)
        : base(host, "console", "Sit at a machine's serial console")
    {
        Add(_node);
        Add(_noInput);
        Add(_noFollow);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var client = await context.ConnectAsync();
        var path = TreePath.Child(NodeArguments.Path(context.Value(_node)!), "console");
        await using var console = await client.OpenAsync(path, OpenFlags.ReadOnly, context.Cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        var typing = context.Value(_noInput) || context.Value(_noFollow) ? Task.CompletedTask : TypeAsync(context, client, path, end.Token);
        try
        {
            var buffer = new byte[PieceBytes];
            while (await ReadAsync(context, console, buffer) is > 0 and var count)
            {
                await context.Output.BytesAsync(buffer.AsMemory(0, count), context.Cancellation);
            }

            return ExitCode.Ok;
        }
        finally
        {
            await end.CancelAsync();
            await typing;
        }
    }

    private async ValueTask<int> ReadAsync(CommandContext context, TreeHandle console, byte[] buffer)
    {
        if (!context.Value(_noFollow))
        {
            return await console.ReadAsync(buffer, context.Cancellation);
        }

        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        quiet.CancelAfter(Quiet);
        try
        {
            return await console.ReadAsync(buffer, quiet.Token);
        }
        catch (OperationCanceledException) when (!context.Cancellation.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static async Task TypeAsync(CommandContext context, TreeClient client, string path, CancellationToken end)
    {
        try
        {
            await using var keyboard = await client.OpenAsync(path, OpenFlags.WriteOnly, end);
            var buffer = new byte[PieceBytes];
            while (await context.Host.Input.ReadAsync(buffer, end) is > 0 and var count)
            {
                await keyboard.WriteAsync(buffer.AsMemory(0, count), end);
            }
        }
        catch (OperationCanceledException)
        {
            // The person left, or the machine did.
        }
    }
}
