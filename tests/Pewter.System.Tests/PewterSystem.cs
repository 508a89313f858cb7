using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.System.Tests;

/// <summary>
/// A whole system in a state directory of its own: a real daemon and real command lines. Disposing stops the daemon and removes the
/// directory.
/// </summary>
internal sealed class PewterSystem : IAsyncDisposable
{
    private static int _count;
    private readonly Dictionary<string, string?> _settings = [];

    public string State { get; } =
        Path.Combine(Path.GetTempPath(), $"pw-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");

    public string Socket => Path.Combine(State, "run", "9p.sock");

    public string HttpSocket => Path.Combine(State, "run", "http.sock");

    /// <summary>The store that it shares with others; null for one of its own.</summary>
    public string? Store { get; init; }

    /// <summary>How long a program may take.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<PewterSystem> UpAsync(params (string Name, string Value)[] settings)
    {
        var system = new PewterSystem();
        foreach (var (name, value) in settings)
        {
            system._settings[name] = value;
        }

        var result = await system.RunAsync("up", "--detach");
        Assert.True(result.ExitCode == 0, result.Error);
        return system;
    }

    /// <summary>The environment of the person at the shell.</summary>
    public Dictionary<string, string?> Variables() => new(_settings)
    {
        ["PEWTER_STATE"] = State, ["PEWTERD"] = Programs.Pewterd, ["PEWTER_NODE"] = Programs.Agent,
        ["PEWTER_BLOCKD"] = Programs.Blockd,
        ["PEWTER_ETC"] = State, ["HOME"] = State, ["NO_COLOR"] = null, ["TERM"] = "xterm",
        ["PEWTER_STORE"] = Store, ["PEWTER_CACHE"] = Programs.Cache, ["PEWTER_NETD"] = Programs.NetworkServer,
    };

    /// <summary>Runs <c>pewter</c> with these words.</summary>
    public Task<ProgramResult> RunAsync(params string[] words) => RunProgramAsync(Programs.Pewter, words);

    /// <summary>Runs a line of bash in which <c>pewter</c> is the command line.</summary>
    public Task<ProgramResult> ShellAsync(string line) =>
        RunProgramAsync("bash", ["-c", $"set -o pipefail; pewter() {{ {Programs.Pewter} \"$@\"; }}; {line}"]);

    public async Task<ProgramResult> RunProgramAsync(string program, string[] words)
    {
        using var process = Start(program, words);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', words)} did not end.");
        }
    }

    public Process Start(string program, string[] words)
    {
        var start = new ProcessStartInfo(program, words)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var (name, value) in Variables())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Starts the daemon as a child, and waits until it answers; says how long that took.</summary>
    public async Task<(Process Daemon, TimeSpan Took)> StartDaemonAsync()
    {
        var started = Stopwatch.GetTimestamp();
        var daemon = Start(Programs.Pewterd, ["--log-file", Path.Combine(State, "pewterd.log"), "--state", State]);
        while (true)
        {
            try
            {
                await using var connection = await ConnectAsync();
                return (daemon, Stopwatch.GetElapsedTime(started));
            }
            catch (Exception early) when (early is SocketException or IOException
                && !daemon.HasExited && Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(2, Token);
            }
        }
    }

    /// <summary>kill -9 of the daemon that answers.</summary>
    public async Task KillAsync()
    {
        var status = await RunAsync("cat", "/status");
        var pid = status.Output.Split(' ').Single(field => field.StartsWith("pid=", StringComparison.Ordinal))["pid=".Length..];
        using var daemon = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
        daemon.Kill();
        await daemon.WaitForExitAsync(Token);
    }

    public async Task<Connection> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), Token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var transport = NineTransport.FromSocket(socket);
        var client = await NineClient.ConnectAsync(transport, cancellation: Token);
        return new Connection(transport, client, await client.AttachAsync("test", "", cancellation: Token));
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down");
        var cleaned = await RunAsync("clean");
        Assert.True(cleaned.ExitCode == 0, cleaned.Output + cleaned.Error);
        Directory.Delete(State, recursive: true);
    }

    internal sealed record Connection(NineTransport Transport, NineClient Client, NineFile Root) : IAsyncDisposable
    {
        /// <summary>Writes a command and gives the lines that it is answered with.</summary>
        public async Task<List<JsonElement>> CommandAsync(string path, string line)
        {
            await using var ctl = await Root.OpenPathAsync(path, OpenFlags.ReadWrite);
            await ctl.WriteAllAsync(0, Encoding.UTF8.GetBytes(line + "\n"));
            var buffer = new byte[8192];
            var count = await ctl.ReadAsync(0, buffer);
            var lines = Encoding.UTF8.GetString(buffer, 0, count).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [.. lines.Select(text => JsonDocument.Parse(text).RootElement)];
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Transport.DisposeAsync();
        }
    }
}
