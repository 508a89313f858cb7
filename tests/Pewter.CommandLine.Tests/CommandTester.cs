using System.Text;
using Pewter.CommandLine.Connecting;
using Pewter.NineP.Serving;
using Pewter.Sdk;

namespace Pewter.CommandLine.Tests;

/// <summary>Runs command lines in process, against a tree in memory.</summary>
internal sealed class CommandTester : ITreeConnector
{
    public MemoryDirectory Root { get; } = new(1, "/");

    /// <summary>The tree that is served instead of <see cref="Root"/>.</summary>
    public ServedFile? Served { get; init; }

    public FakeSignals Signals { get; } = new();

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal)
    {
        ["PEWTER_ETC"] = "/nowhere", ["HOME"] = "/nowhere", ["TERM"] = "xterm",
    };

    public bool IsRunning { get; set; } = true;

    public bool IsTerminal { get; set; }

    public string Input { get; set; } = "";

    public PewterEndpoint? LastEndpoint { get; private set; }

    public FakePrograms Programs { get; } = new();

    public ValueTask<TreeConnection> ConnectAsync(PewterEndpoint endpoint, CancellationToken cancellation)
    {
        LastEndpoint = endpoint;
        return IsRunning
            ? new ValueTask<TreeConnection>(new TreeConnection(Served ?? Root, Caller.System, null))
            : throw new CommandException($"nothing answers at {endpoint}; 'pewter up' starts a daemon.");
    }

    public Task<CommandResult> RunAsync(string commandLine) => RunAsync(CancellationToken.None, commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public async Task<CommandResult> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new MemoryStream();
        using var messages = new StringWriter();
        var host = new CommandHost
        {
            Output = output,
            Messages = messages,
            Input = new MemoryStream(Encoding.UTF8.GetBytes(Input)),
            Variable = name => Variables.GetValueOrDefault(name),
            Connector = this,
            Signals = Signals,
            Programs = Programs,
            OutputIsTerminal = IsTerminal,
            MessagesAreTerminal = IsTerminal,
            Width = () => 40,
        };
        var exitCode = await PewterCommandLine.RunAsync(host, arguments, cancellation);
        return new CommandResult(exitCode, Encoding.UTF8.GetString(output.ToArray()), messages.ToString());
    }
}

/// <summary>What a command line did.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Messages);
