using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Testing;
using Pewter.Testing.Hosts;

namespace Pewter.System.Tests.Peers;

/// <summary>
/// A real <c>pewterd</c> on a host of a test network, with a door on one of its addresses. The file system is shared, so its Unix socket is at hand.
/// </summary>
internal sealed class PeerHost(TestHost host, params string[] addresses) : IAsyncDisposable
{
    private readonly TemporaryDirectory _state = new();
    private Process? _daemon;

    public string Name => host.Name;

    /// <summary>The number of the certificate that it joined with.</summary>
    public string Serial { get; private set; } = "";

    public string Log => File.Exists(_state["log"]) ? File.ReadAllText(_state["log"]) : "nothing";

    /// <summary>Starts the daemon and waits until it answers.</summary>
    /// <param name="parent">The daemon to join.</param>
    /// <param name="ttlSeconds">How long it lists a lost peer.</param>
    /// <param name="leaseSeconds">How long a run of its on a machine that is cut off may still be found again.</param>
    /// <param name="showsParent">Whether it sees its parent's tree; mail between the two needs that.</param>
    /// <param name="parentAddress">Where the parent is, if not at its first address.</param>
    /// <param name="byCertificate">Whether it proves itself to the parent by a client certificate; otherwise by a token.</param>
    public async Task UpAsync(PeerHost? parent = null, int ttlSeconds = 30, int leaseSeconds = 30, bool byCertificate = false, bool showsParent = false,
        string? parentAddress = null)
    {
        var variables = new Dictionary<string, string>
        {
            ["PEWTER_STATE"] = _state.Path, ["PEWTER_ETC"] = _state.Path, ["HOME"] = _state.Path, ["PEWTER_PEER_TTL"] = $"{ttlSeconds}s",
            ["PEWTER_RUN_LEASE"] = $"{leaseSeconds}s", ["PEWTER_JOIN_TRUST"] = "admins",
            ["PEWTER_JOIN_SHOW"] = showsParent ? "true" : "false",
        };
        if (Programs.Agent is { } agent)
        {
            variables["PEWTER_NODE"] = agent;
        }

        List<string> words = ["--name", Name, .. addresses.SelectMany(address => (string[])["--listen", $"tls://{address}:564"])];
        if (parent is not null)
        {
            words.AddRange(["--join", $"tls://{parentAddress ?? parent.Address}:564"]);
            await File.WriteAllTextAsync(_state["parent.pem"], await parent.ReadAsync("ca/cert"));
            variables["PEWTER_JOIN_CA"] = _state["parent.pem"];
            foreach (var (key, value) in byCertificate ? await CertificateOfAsync(parent) : await TokenOfAsync(parent))
            {
                variables[key] = value;
            }
        }

        _daemon = host.Start(Programs.Pewterd, words, variables, _state["log"]);
        await UntilAsync(async () => (await ReadAsync("version")).Length > 0, TimeSpan.FromSeconds(60), () => $"{Name} answers; it says:\n{Log}");
    }

    private string Address => addresses[0];

    /// <summary>Where programs of that machine attach for mail.</summary>
    public string MailSocket => _state["run/mail.sock"];

    /// <summary>Where its blobs lie.</summary>
    public string BlobFiles => _state["blob/data"];

    /// <summary>Mounts its tree and runs lines of a shell in it.</summary>
    public async Task<ProgramResult> ShellAsync(string lines)
    {
        var mount = Directory.CreateDirectory(_state["mnt"]).FullName;
        var mounted = await RunAsync("mount", "--detach", mount);
        Assert.True(mounted.ExitCode == 0, mounted.Error);
        try
        {
            return await RunProgramAsync("bash", ["-c", $"cd {mount}\n{lines}"]);
        }
        finally
        {
            await Pewter.Testing.Shell.RunAsync($"umount {mount}");
        }
    }

    /// <summary>Runs <c>pewter</c> against it, as root on that machine does.</summary>
    public Task<ProgramResult> RunAsync(params string[] words) => RunProgramAsync(Programs.Pewter, words);

    /// <summary>Starts <c>pewter</c> against it.</summary>
    public Process Start(params string[] words)
    {
        var start = new ProcessStartInfo(Programs.Pewter, words) { RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true };
        (start.Environment["PEWTER_STATE"], start.Environment["PEWTER_ETC"], start.Environment["HOME"]) = (_state.Path, _state.Path, _state.Path);
        return Process.Start(start)!;
    }

    private static async Task<Dictionary<string, string>> TokenOfAsync(PeerHost parent)
    {
        var made = await parent.CommandAsync("token/ctl", "create joiner ttl=1h group=peer");
        return new() { ["PEWTER_JOIN_TOKEN"] = made.GetProperty("token").GetString()! };
    }

    private async Task<Dictionary<string, string>> CertificateOfAsync(PeerHost parent)
    {
        var issued = await parent.CommandAsync("ca/ctl", $"client {Name} ttl=1h group=peer:{Name}");
        await File.WriteAllTextAsync(_state["join.crt"], issued.GetProperty("certificate").GetString());
        await File.WriteAllTextAsync(_state["join.key"], issued.GetProperty("key").GetString());
        Serial = issued.GetProperty("serial").GetString()!;
        return new() { ["PEWTER_JOIN_CERT"] = _state["join.crt"], ["PEWTER_JOIN_KEY"] = _state["join.key"] };
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _daemon!.Kill();
        await _daemon.WaitForExitAsync();
    }

    /// <summary>Reads a file of its tree by the Unix socket, as root.</summary>
    public async Task<string> ReadAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_state["run/9p.sock"]));
        await using var transport = NineTransport.FromSocket(socket);
        await using var client = await NineClient.ConnectAsync(transport);
        await using var root = await client.AttachAsync("test", "/");
        return await root.ReadTextAsync(path);
    }

    /// <summary>Gives a command to a ctl of its tree, as root; the first line of its answer.</summary>
    public async Task<JsonElement> CommandAsync(string ctl, string line)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_state["run/9p.sock"]));
        await using var transport = NineTransport.FromSocket(socket);
        await using var client = await NineClient.ConnectAsync(transport);
        await using var root = await client.AttachAsync("test", "/");
        await using var open = await root.OpenPathAsync(ctl, OpenFlags.ReadWrite);
        await open.WriteAllAsync(0, Encoding.UTF8.GetBytes(line + "\n"));
        var buffer = new byte[16 << 10];
        var count = await open.ReadAsync(0, buffer);
        return JsonDocument.Parse(Encoding.UTF8.GetString(buffer, 0, count).Split('\n')[0]).RootElement;
    }

    /// <summary>Waits until a peer is in a state there; how long that took.</summary>
    public Task<TimeSpan> SeesAsync(PeerHost peer, string state, double seconds = 30, string at = "peer/status") => UntilAsync(
        async () => (await ReadAsync(at)).Split('\n').Any(line => line.Contains($" name={peer.Name} ", StringComparison.Ordinal)
            && line.Contains($" state={state} ", StringComparison.Ordinal)),
        TimeSpan.FromSeconds(seconds),
        () => $"{peer.Name} is {state} at {Name}, which says:\n{Log}\nand {peer.Name} says:\n{peer.Log}");

    public static async Task<TimeSpan> UntilAsync(Func<Task<bool>> holds, TimeSpan patience, Func<string> what)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return Stopwatch.GetElapsedTime(began);
                }
            }
            catch (Exception notYet) when (notYet is SocketException or FileException)
            {
                // Looked at again.
            }

            if (Stopwatch.GetElapsedTime(began) > patience)
            {
                Assert.Fail($"Not within {patience}: {what()}");
            }

            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is { HasExited: false })
        {
            // A stop, so that it removes what it made.
            await Pewter.Testing.Shell.RunAsync($"kill -TERM {_daemon.Id}");
            await _daemon.WaitForExitAsync();
        }

        if (_daemon is not null && Programs.Agent is not null)
        {
            var cleaned = await RunProgramAsync(Programs.Pewterd, ["clean", "--state", _state.Path]);
            Assert.True(cleaned.ExitCode == 0, cleaned.Output + cleaned.Error);
        }

        _state.Dispose();
    }

    private async Task<ProgramResult> RunProgramAsync(string program, string[] words)
    {
        using var process = program == Programs.Pewter ? Start(words)
            : Process.Start(
                new ProcessStartInfo(program, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return new ProgramResult(process.ExitCode, await output, await error);
    }
}
