using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Connecting;
using Pewter.Configuration;
using Pewter.NineP;
using Pewter.Sdk;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter down</c>: stops the daemon. What runs on the machine goes on; the next daemon takes it over.</summary>
internal sealed class DownCommand : PewterCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public DownCommand(CommandHost host)
        : base(host, "down", "Stop the daemon; workloads go on") => Add(_dryRun);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        TreeConnection connection;
        try
        {
            connection = await context.Host.Connector.ConnectAsync(context.Endpoint, context.Cancellation);
        }
        catch (CommandException exception)
        {
            context.Say($"nothing to stop: {exception.Message}");
            return ExitCode.Ok;
        }

        await using (connection)
        {
            var tree = new TreeClient(connection.Root, connection.Caller);
            var process = await ProcessAsync(tree, context.Cancellation);
            if (context.Value(_dryRun))
            {
                context.Say($"would stop the daemon at {context.Endpoint} (process {process})");
                return ExitCode.Ok;
            }

            await StopAsync(tree, context.Cancellation);
            await WaitAsync(context, process);
        }

        context.Say("pewterd is down");
        return ExitCode.Ok;
    }

    private static async ValueTask<int> ProcessAsync(TreeClient tree, CancellationToken cancellation)
    {
        var line = (await tree.ReadTextAsync("/status", cancellation)).Split('\n')[0];
        var text = LogfmtLine.Parse(line).FirstOrDefault(field => field.Key == "pid").Value;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var process) ? process : 0;
    }

    private static async ValueTask StopAsync(TreeClient tree, CancellationToken cancellation)
    {
        try
        {
            await tree.WriteTextAsync("/ctl", "stop\n", cancellation);
        }
        catch (FileException exception) when (exception.Errno is Errno.ENOLINK or Errno.ECONNRESET)
        {
            // It went before it could answer: that is what was asked.
        }
    }

    private static async ValueTask WaitAsync(CommandContext context, int process)
    {
        var started = context.Host.Time.GetTimestamp();
        var place = $"/proc/{process.ToString(CultureInfo.InvariantCulture)}";
        var isHere = context.Endpoint.Kind == EndpointKind.Unix && process != 0;
        while (isHere && Directory.Exists(place))
        {
            if (context.Host.Time.GetElapsedTime(started) > Patience)
            {
                throw new CommandException($"process {process} is still there after {Duration.Format(Patience)}; see its log.", ExitCode.TimedOut);
            }

            await Task.Delay(Look, context.Host.Time, context.Cancellation);
        }
    }
}
