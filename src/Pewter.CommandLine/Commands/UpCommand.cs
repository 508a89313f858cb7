using System.CommandLine;
using Pewter.Configuration;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter up</c>: starts the daemon of this machine, here or behind this terminal.</summary>
internal sealed class UpCommand : PewterCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly Option<bool> _detach = new("--detach", "-d") { Description = "Return when it is ready, and leave it running" };
    private readonly Option<string[]> _listen = new("--listen")
    {
        Description = "Serve 9P there too: tls://HOST:PORT or tcp://HOST:PORT", HelpName = "URL",
    };
    private readonly Option<string[]> _http = new("--http")
    {
        Description = "Serve HTTP there: http://HOST:PORT, https://HOST:PORT or unix:PATH", HelpName = "URL",
    };
    private readonly Option<string?> _join = new("--join") { Description = "Join the daemon there as its child", HelpName = "URL" };
    private readonly Option<string?> _name = new("--name") { Description = "The name of this machine among its peers", HelpName = "N" };
    private readonly Option<bool> _dryRun = TreeArguments.DryRun();

    public UpCommand(CommandHost host)
        : base(host, "up", "Start the daemon of this machine")
    {
        foreach (var option in (Option[])[_detach, _listen, _http, _join, _name, _dryRun])
        {
            Add(option);
        }
    }

    protected override void AddFlags(SettingsLoader loader, ParseResult parsed) => loader
        .AddFlag("--listen", "listen", parsed.GetValue(_listen) ?? [])
        .AddFlag("--http", "http", parsed.GetValue(_http) ?? [])
        .AddFlag("--join", "join", parsed.GetValue(_join))
        .AddFlag("--name", "name", parsed.GetValue(_name));

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var program = DaemonProgram.Find(context.Host);
        var arguments = DaemonProgram.Arguments(context.Paths, context.Settings);
        if (context.Value(_dryRun))
        {
            context.Say($"would start {program} {string.Join(' ', arguments)}");
            return ExitCode.Ok;
        }

        if (await AnswerAsync(context) is { } version)
        {
            throw new CommandException($"a daemon ({version}) answers at {context.Endpoint} already. 'pewter down' stops it.");
        }

        return context.Value(_detach)
            ? await DetachAsync(context, program, arguments)
            : await context.Host.Programs.RunAsync(program, arguments, context.Cancellation);
    }

    private static async ValueTask<int> DetachAsync(CommandContext context, string program, IReadOnlyList<string> arguments)
    {
        Directory.CreateDirectory(context.Paths.State);
        var log = context.Settings.Text("log.file") ?? Path.Combine(context.Paths.State, "pewterd.log");
        var started = context.Host.Time.GetTimestamp();
        var end = File.Exists(log) ? new FileInfo(log).Length : 0;
        var daemon = context.Host.Programs.StartDetached(program, arguments, log);
        while (await AnswerAsync(context) is null)
        {
            if (daemon.ExitCode is { } code)
            {
                throw new CommandException($"the daemon ended with code {code}: {LastLine(log, end)}");
            }

            if (LastLine(log, end).Contains(" msg=\"standing by\"", StringComparison.Ordinal))
            {
                context.Say($"pewterd stands by (process {daemon.Id}, log {log}): another daemon leads the store; this one takes over from it");
                return ExitCode.Ok;
            }

            if (context.Host.Time.GetElapsedTime(started) > Patience)
            {
                throw new CommandException(
                    $"the daemon (process {daemon.Id}) is not ready after {Duration.Format(Patience)}; see {log}.", ExitCode.TimedOut);
            }

            await Task.Delay(Look, context.Host.Time, context.Cancellation);
        }

        var elapsed = Duration.Format(context.Host.Time.GetElapsedTime(started));
        context.Say($"pewterd is up at {context.Endpoint} after {elapsed} (process {daemon.Id}, log {log})");
        return ExitCode.Ok;
    }

    /// <summary>The version of the daemon that answers, or null.</summary>
    private static async ValueTask<string?> AnswerAsync(CommandContext context)
    {
        try
        {
            await using var connection = await context.Host.Connector.ConnectAsync(context.Endpoint, context.Cancellation);
            var tree = new TreeClient(connection.Root, connection.Caller);
            return (await tree.ReadTextAsync("/version", context.Cancellation)).Trim();
        }
        catch (Exception exception) when (exception is CommandException or FileException)
        {
            // Not there yet, or just going.
            return null;
        }
    }

    /// <summary>The last line that the daemon has logged.</summary>
    private static string LastLine(string log, long from)
    {
        if (!File.Exists(log))
        {
            return "it said nothing.";
        }

        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(from, stream.Length);
        using var reader = new StreamReader(stream);
        var last = reader.ReadToEnd().TrimEnd().Split('\n')[^1];
        return last.Length == 0 ? "it said nothing." : last;
    }
}
