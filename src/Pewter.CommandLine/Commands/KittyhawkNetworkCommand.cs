namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter kh network</c>: prints the network's number and the host's address on it.</summary>
internal sealed class KittyhawkNetworkCommand(CommandHost host) : PewterCommand(
    host, "network", "Make a network; prints its number and the host's address")
{
    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var made = (await Kittyhawk.TellAsync(context, NetworkArguments.Root, "create"))[0];
        await context.Output.TextAsync($"{Kittyhawk.Number(made.Text("id"))}\n{made.Text("gateway")}\n", context.Cancellation);
        return ExitCode.Ok;
    }
}
