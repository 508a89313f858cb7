using System.CommandLine;
using Pewter.CommandLine.Connecting;
using Pewter.CommandLine.Output;
using Pewter.Configuration;
using Pewter.NineP;
using Pewter.Sdk;
using Pewter.Tree;

namespace Pewter.CommandLine;

/// <summary>
/// What one run of a command works with: its arguments, the settings in force, the output, the messages, and a connection made when first asked
/// for. Used by one command; disposed by whoever runs it.
/// </summary>
public sealed class CommandContext : IAsyncDisposable
{
    private readonly ParseResult _parsed;
    private TreeConnection? _connection;

    internal CommandContext(CommandHost host, ParseResult parsed, Action<SettingsLoader> addFlags, CancellationToken cancellation)
    {
        _parsed = parsed;
        Host = host;
        Cancellation = cancellation;
        Paths = PewterPaths.For(host.Variable, host.IsRoot);
        Settings = LoadSettings(addFlags);
        Paths = Paths.WithState(Settings.Text("state"));
        var noColor = host.Variable("NO_COLOR") is { Length: > 0 } || host.Variable("TERM") is null or "dumb";
        Style = new TextStyle(host.OutputIsTerminal && !noColor);
        MessageStyle = new TextStyle(host.MessagesAreTerminal && !noColor);
        Output = new OutputWriter(host.Output, Enum.Parse<OutputFormat>(Settings.Text("output") ?? "table", ignoreCase: true), Style);
    }

    /// <summary>What surrounds the command line.</summary>
    public CommandHost Host { get; }

    /// <summary>Fires on Ctrl-C and when <c>--timeout</c> is over.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The settings in force.</summary>
    public Settings Settings { get; }

    /// <summary>Where this system's files lie.</summary>
    public PewterPaths Paths { get; }

    /// <summary>Prints data.</summary>
    public OutputWriter Output { get; }

    /// <summary>Emphasis on standard output.</summary>
    public TextStyle Style { get; }

    /// <summary>Emphasis on standard error.</summary>
    public TextStyle MessageStyle { get; }

    /// <summary>Where the daemon is.</summary>
    /// <exception cref="CommandException">What was given is no address.</exception>
    public PewterEndpoint Endpoint
    {
        get
        {
            var address = Settings.Text("socket") is { } socket && !IsUrlStronger() ? "unix:" + socket
                : Settings.Text("url") ?? "unix:" + Paths.Socket;
            try
            {
                var tls = new TlsFiles(Settings.Text("tls.ca"), Settings.Text("tls.cert"), Settings.Text("tls.key"));
                return PewterEndpoint.Parse(address, Settings.Text("token")) with { Tls = tls };
            }
            catch (FileException failure)
            {
                throw new CommandException(failure.Message, ExitCode.Usage);
            }
        }
    }

    /// <summary>The value of an option.</summary>
    public T? Value<T>(Option<T> option) => _parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T? Value<T>(Argument<T> argument) => _parsed.GetValue(argument);

    /// <summary>Whether an option was written, even without a value.</summary>
    public bool Has(Option option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>Connects on the first call.</summary>
    public async ValueTask<TreeClient> ConnectAsync()
    {
        var connection = await ConnectionAsync();
        return new TreeClient(connection.Root, connection.Caller);
    }

    /// <summary>The connection itself, for what is not done by paths; made on the first call.</summary>
    public async ValueTask<TreeConnection> ConnectionAsync() => _connection ??= await Host.Connector.ConnectAsync(Endpoint, Cancellation);

    /// <summary>The system behind the tree, for processes and nodes; connects on the first call.</summary>
    public async ValueTask<PewterClient> SystemAsync() => PewterClient.Over(await ConnectAsync());

    /// <summary>Tells the person something, unless asked to be quiet.</summary>
    public void Say(string message)
    {
        if (!Value(GlobalOptions.Quiet))
        {
            Host.Messages.WriteLine(message);
        }
    }

    /// <summary>Tells the person what failed, while the command goes on.</summary>
    public void Complain(string message) => Host.Messages.WriteLine($"{MessageStyle.Bad("pewter:")} {message}");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Settings LoadSettings(Action<SettingsLoader> addFlags)
    {
        var loader = PewterSettings.Loader(Paths, Host.Variable)
            .AddFlag("--output", "output", Value(GlobalOptions.Output))
            .AddFlag("--url", "url", Value(GlobalOptions.Url))
            .AddFlag("--socket", "socket", Value(GlobalOptions.Socket))
            .AddFlag("--state", "state", Value(GlobalOptions.State));
        addFlags(loader);
        return loader.Load();
    }

    /// <summary>A URL of a nearer source wins over a socket of a farther one: <c>--url</c> over <c>PEWTER_SOCKET</c>.</summary>
    private bool IsUrlStronger() => Rank("url") > Rank("socket");

    private int Rank(string key) => Settings.LocationOf(key)?.Source switch
    {
        null => 0,
        ['-', ..] => 3,
        ['$', ..] => 2,
        _ => 1,
    };
}
