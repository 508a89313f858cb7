using System.Diagnostics;
using System.Net.Sockets;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;
using Pewter.Tree;

namespace Pewter.Disks.Tests;

/// <summary>A real pewter-blockd over a directory of the test's, spoken to over its control socket.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private Process? _process;
    private NineClient? _client;

    public string Store { get; } = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-blockd-").FullName;

    public string NbdSocket => Path.Join(Store, "nbd.sock");

    public Process Process => _process!;

    public string Uri(string disk) => $"nbd+unix:///{disk}?socket={NbdSocket}";

    public async Task StartAsync(params string[] options)
    {
        string program = Path.Join(AppContext.BaseDirectory, "pewter-blockd");
        _process = Process.Start(new ProcessStartInfo(program, ["--store", Store, .. options]) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", await _process.StandardOutput.ReadLineAsync());
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await EndAsync();
    }

    public async Task StopAsync()
    {
        using Process term = Process.Start("kill", [$"{_process!.Id}"]);
        await EndAsync();
    }

    /// <summary>Gives a command and its result line's id.</summary>
    public async Task<string> CommandAsync(string ctl, string line)
    {
        await using NineFile file = await OpenAsync(ctl, OpenFlags.ReadWrite);
        await file.WriteAsync(0, System.Text.Encoding.UTF8.GetBytes(line + "\n"));
        var reply = new byte[65536];
        int count = await file.ReadAsync(0, reply);
        return CommandReply.Parse(System.Text.Encoding.UTF8.GetString(reply, 0, count))[^1].Text("id");
    }

    public async Task<string> ReadAsync(string path)
    {
        await using NineFile file = await OpenAsync(path, OpenFlags.ReadOnly);
        var text = new byte[65536];
        return System.Text.Encoding.UTF8.GetString(text, 0, await file.ReadAsync(0, text));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        Directory.Delete(Store, recursive: true);
    }

    private async Task EndAsync()
    {
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        if (_client is not null)
            await _client.DisposeAsync();
        _client = null;
    }

    private async Task<NineFile> OpenAsync(string path, OpenFlags flags)
    {
        if (_client is null)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Join(Store, "control.sock")));
            _client = await NineClient.ConnectAsync(NineTransport.FromSocket(socket));
        }

        await using NineFile root = await _client.AttachAsync("root", "", null);
        NineFile file = await root.WalkAsync(path);
        await file.OpenAsync(flags);
        return file;
    }
}
