using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pewter.Testing;

namespace Pewter.Messaging.Tests;

/// <summary>
/// A node of RabbitMQ from Debian, on ports and in a directory of its own, with a name service of its own.
/// </summary>
internal sealed class RabbitServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _environment;
    private readonly Process _process;

    private RabbitServer()
    {
        var (port, distribution, names) = (FreePort(), FreePort(), FreePort());
        Address = new Uri($"amqp://guest:guest@127.0.0.1:{port}");
        _environment = new Dictionary<string, string>
        {
            ["HOME"] = _directory.Path, ["RABBITMQ_NODENAME"] = $"pw{port}@localhost", ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{port}", ["RABBITMQ_DIST_PORT"] = $"{distribution}", ["ERL_EPMD_PORT"] = $"{names}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1", ["RABBITMQ_MNESIA_BASE"] = _directory.Path, ["RABBITMQ_LOG_BASE"] = _directory.Path,
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_directory.Path, "plugins"), ["RABBITMQ_PID_FILE"] = Path.Combine(_directory.Path, "pid"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_directory.Path, "rabbitmq"), ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-setcookie pewter",
        };
        File.WriteAllText(Path.Combine(_directory.Path, "plugins"), "[].");
        _process = Start("/usr/lib/rabbitmq/bin/rabbitmq-server");
    }

    internal Uri Address { get; }

    internal static bool IsInstalled => File.Exists("/usr/lib/rabbitmq/bin/rabbitmq-server");

    internal static async Task<RabbitServer> StartAsync()
    {
        var server = new RabbitServer();
        for (var i = 0; i < 1200; i++)
        {
            Assert.False(server._process.HasExited, "rabbitmq-server has ended");
            try
            {
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await probe.ConnectAsync(IPAddress.Loopback, server.Address.Port);
                return server;
            }
            catch (SocketException)
            {
                await Task.Delay(100);
            }
        }

        throw new TimeoutException("RabbitMQ does not answer.");
    }

    public async ValueTask DisposeAsync()
    {
        // The runtime and the name service are children of the script; both are this test's.
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        using var names = Start("/usr/bin/epmd", "-kill");
        await names.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Start(string program, params string[] words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
