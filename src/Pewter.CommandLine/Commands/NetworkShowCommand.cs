using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter net show</c>: a network, who is in it and who has an address.</summary>
internal sealed class NetworkShowCommand : PewterCommand
{
    private readonly Argument<string> _network = NetworkArguments.Network();

    public NetworkShowCommand(CommandHost host)
        : base(host, "show", "Show a network, its members and its leases") => Add(_network);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var path = NetworkArguments.Path(context.Value(_network)!);
        using var network = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(path, "json"), context.Cancellation));
        if (context.Output.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            await context.Output.DocumentAsync(network.RootElement.WriteTo, context.Cancellation);
            return ExitCode.Ok;
        }

        await context.Output.OneAsync(NetworkTable.Table, network.RootElement, context.Cancellation);
        if (context.Output.Format == OutputFormat.Table)
        {
            foreach (var file in (string[])["members", "leases"])
            {
                var text = await tree.TextAsync(TreePath.Child(path, file), context.Cancellation);
                await context.Output.TextAsync(text.Length == 0 ? "" : $"\n{file}\n{text}", context.Cancellation);
            }
        }

        return ExitCode.Ok;
    }
}
