using System.Globalization;
using Pewter.CommandLine.Connecting;
using Pewter.NineP;
using Pewter.Sdk;
using Pewter.Tree;

namespace Pewter.CommandLine.Demo;

/// <summary>
/// A system of one's own for a while: a daemon with a state directory that nobody else knows. Owns the daemon; what is left of it after
/// <see cref="EndAsync"/> is what <see cref="Leftovers"/> finds.
/// </summary>
internal sealed class PrivateSystem : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly CommandContext _context;
    private readonly IStartedProgram _daemon;
    private readonly string _program;
    private TreeConnection? _connection;

    private PrivateSystem(CommandContext context, string state, string program, IStartedProgram daemon) =>
        (_context, State, _program, _daemon) = (context, state, program, daemon);

    /// <summary>Its state directory.</summary>
    public string State { get; }

    /// <summary>It, as a program uses it.</summary>
    public PewterClient Client => PewterClient.Over(new TreeClient(_connection!.Root, _connection.Caller));

    /// <summary>Starts it; returns when it answers.</summary>
    /// <exception cref="CommandException">The daemon is not installed, or did not come up.</exception>
    public static async ValueTask<PrivateSystem> StartAsync(CommandContext context)
    {
        var program = DaemonProgram.Find(context.Host);
        var state = Directory.CreateTempSubdirectory("pewter-demo-").FullName;
        var daemon = context.Host.Programs.StartDetached(program, ["--state", state], Path.Combine(state, "pewterd.log"));
        var system = new PrivateSystem(context, state, program, daemon);
        try
        {
            await system.ConnectAsync();
            return system;
        }
        catch
        {
            await system.EndAsync();
            throw;
        }
    }

    /// <summary>Stops the daemon, undoes what outlives daemons, and removes the state directory.</summary>
    public async ValueTask EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience, _context.Host.Time);
        await StopAsync(patience.Token);
        var clean = await _context.Host.Programs.AskAsync(_program, ["clean", "--state", State], patience.Token);
        if (clean is { ExitCode: not 0 } failed)
        {
            _context.Complain($"{_program} clean ended with {failed.ExitCode}: {failed.Output.Trim()}");
        }

        if (Directory.Exists(State))
        {
            Directory.Delete(State, recursive: true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask ConnectAsync()
    {
        var time = _context.Host.Time;
        var endpoint = PewterEndpoint.Parse($"unix:{State}/run/9p.sock");
        for (var started = time.GetTimestamp(); _connection is null;)
        {
            try
            {
                _connection = await _context.Host.Connector.ConnectAsync(endpoint, _context.Cancellation);
            }
            catch (CommandException) when (_daemon.ExitCode is null && time.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Look, time, _context.Cancellation);
            }
            catch (CommandException)
            {
                throw new CommandException($"the daemon did not come up: {LastLine()}");
            }
        }
    }

    private async ValueTask StopAsync(CancellationToken cancellation)
    {
        try
        {
            if (_connection is not null)
            {
                await Client.Tree.WriteTextAsync("/ctl", "stop\n", cancellation);
            }
        }
        catch (FileException)
        {
            // It went before it could answer.
        }

        await DisposeAsync();
        _connection = null;
        while (_daemon.ExitCode is null && Directory.Exists("/proc/" + _daemon.Id.ToString(CultureInfo.InvariantCulture)))
        {
            await Task.Delay(Look, _context.Host.Time, cancellation);
        }
    }

    private string LastLine()
    {
        var log = Path.Combine(State, "pewterd.log");
        return File.Exists(log) ? File.ReadLines(log).LastOrDefault() ?? "it said nothing." : "it said nothing.";
    }
}
