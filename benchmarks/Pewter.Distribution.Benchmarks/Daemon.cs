using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pewter.NineP;
using Pewter.Sdk;
using Process = System.Diagnostics.Process;

namespace Pewter.Distribution.Benchmarks;

/// <summary>A real <c>pewterd</c> with a state directory of its own, joined to another by TLS on this machine.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _state = Directory.CreateTempSubdirectory("pw-push-").FullName;
    private readonly int _port = FreePort();
    private Process? _process;

    public Daemon(string name) => Name = name;

    public string Name { get; }

    /// <summary>Where the root sees it.</summary>
    public string Path { get; private set; } = "";

    public PewterClient Client { get; private set; } = null!;

    public string Socket => System.IO.Path.Combine(_state, "run", "9p.sock");

    public static string Artifacts { get; } = FindArtifacts();

    public async Task StartAsync(Daemon? parent)
    {
        var start = new ProcessStartInfo($"{Artifacts}/pewterd/pewterd")
        {
            RedirectStandardInput = true, RedirectStandardError = true,
            ArgumentList = { "--state", _state, "--name", Name, "--listen", $"tls://127.0.0.1:{_port}", "--log-file", $"{_state}/log" },
        };
        start.Environment["PEWTER_JOIN_TRUST"] = "admins";
        if (parent is not null)
        {
            start.ArgumentList.Add("--join");
            start.ArgumentList.Add($"tls://127.0.0.1:{parent._port}");
            var words = await parent.TellAsync("token", "create", "joiner", "--group", "peer");
            start.Environment["PEWTER_JOIN_TOKEN"] = words.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
                .First(word => word.StartsWith("pwt_", StringComparison.Ordinal));
            start.Environment["PEWTER_JOIN_CA"] = $"{_state}/parent.pem";
            await File.WriteAllTextAsync($"{_state}/parent.pem", await parent.TellAsync("ca", "show"));
        }

        Path = parent is null ? "" : $"{parent.Path}/peer/{Name}";
        _process = Process.Start(start)!;
        Client = await RetryAsync(() => PewterClient.ConnectAsync("unix:" + Socket).AsTask());
        if (parent is not null)
        {
            await RetryAsync(() => parent.Client.Tree.ReadTextAsync($"/peer/{Name}/version").AsTask());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        using var stop = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        using var clean = Process.Start(
            new ProcessStartInfo($"{Artifacts}/pewterd/pewterd", ["clean", "--state", _state]) { RedirectStandardOutput = true })!;
        await clean.StandardOutput.ReadToEndAsync();
        await clean.WaitForExitAsync();
        Directory.Delete(_state, recursive: true);
    }

    private static async Task<T> RetryAsync<T>(Func<Task<T>> act)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await act();
            }
            catch (Exception notYet) when (notYet is FileException or SocketException && Stopwatch.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(20);
            }
        }
    }

    private async Task<string> TellAsync(params string[] words)
    {
        var start = new ProcessStartInfo($"{Artifacts}/pewter/pewter", [.. words, "--socket", Socket]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindArtifacts()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(System.IO.Path.Combine(directory.FullName, "artifacts")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("There is no artifacts/ above this program: run it by ./bench.");
        }

        return System.IO.Path.Combine(directory.FullName, "artifacts");
    }
}
