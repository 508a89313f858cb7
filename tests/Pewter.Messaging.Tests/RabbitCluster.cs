using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pewter.Testing;

namespace Pewter.Messaging.Tests;

/// <summary>
/// Nodes of RabbitMQ from Debian as one cluster, on ports and in a directory of their own, with a name service of their own. They start at
/// once and find each other by their configuration.
/// </summary>
internal sealed class RabbitCluster : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin/";
    private const string Cookie = "pewter";

    private readonly TemporaryDirectory _directory = new();
    private readonly int _names = FreePort();
    private readonly Process _nameService;
    private readonly List<Node> _nodes = [];

    private RabbitCluster(int size)
    {
        _nameService = Start("/usr/bin/epmd", [], Environment(null));
        for (var i = 0; i < size; i++)
            _nodes.Add(new Node(FreePort(), FreePort()));
        File.WriteAllText(Path.Combine(_directory.Path, "plugins"), "[].");
        File.WriteAllLines(
            Path.Combine(_directory.Path, "rabbitmq.conf"),
            ["cluster_formation.peer_discovery_backend = classic_config",
                .. _nodes.Select((node, i) => $"cluster_formation.classic_config.nodes.{i + 1} = {node.Name}")]);
        foreach (var node in _nodes)
            node.Process = Start(Programs + "rabbitmq-server", [], Environment(node));
    }

    internal static bool IsInstalled => File.Exists(Programs + "rabbitmq-server");

    /// <summary>Where its nodes are, as the daemon is told.</summary>
    internal IReadOnlyList<Uri> Addresses => [.. _nodes.Select(node => new Uri($"amqp://guest:guest@127.0.0.1:{node.Port}"))];

    internal static async Task<RabbitCluster> StartAsync(int size)
    {
        var cluster = new RabbitCluster(size);
        try
        {
            foreach (var node in cluster._nodes)
                await AnswerAsync(node);
            await cluster.JoinAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9 of the node at a port.</summary>
    internal async Task KillAsync(int port)
    {
        var node = _nodes.Single(each => each.Port == port);
        node.Process!.Kill(entireProcessTree: true);
        await node.Process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // The runtime is a child of the script; both are this test's.
        foreach (var node in _nodes.Where(node => node.Process is { HasExited: false }))
            node.Process!.Kill(entireProcessTree: true);
        foreach (var node in _nodes)
            await node.Process!.WaitForExitAsync();
        _nameService.Kill();
        await _nameService.WaitForExitAsync();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task AnswerAsync(Node node)
    {
        for (var i = 0; i < 2400; i++)
        {
            Assert.False(node.Process!.HasExited, $"{node.Name} has ended");
            try
            {
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await probe.ConnectAsync(IPAddress.Loopback, node.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100);
            }
        }

        throw new TimeoutException("RabbitMQ does not answer.");
    }

    private async Task JoinAsync()
    {
        string[] words = ["--node", _nodes[0].Name, "--erlang-cookie", Cookie, "await_online_nodes", $"{_nodes.Count}", "--timeout", "120"];
        using var asked = Start(Programs + "rabbitmqctl", words, Environment(_nodes[0]));
        await asked.WaitForExitAsync();
        Assert.True(asked.ExitCode == 0, "The nodes of RabbitMQ have not found each other.");
    }

    private Dictionary<string, string> Environment(Node? node)
    {
        var all = new Dictionary<string, string>
        {
            ["HOME"] = _directory.Path, ["ERL_EPMD_PORT"] = $"{_names}", ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        };
        if (node is not null)
        {
            var own = Path.Combine(_directory.Path, $"{node.Port}");
            foreach (var (name, value) in new (string, string)[]
            {
                ("NODENAME", node.Name), ("NODE_IP_ADDRESS", "127.0.0.1"), ("NODE_PORT", $"{node.Port}"), ("DIST_PORT", $"{node.Distribution}"),
                ("MNESIA_BASE", own), ("LOG_BASE", own), ("PID_FILE", own + ".pid"), ("CONFIG_FILE", Path.Combine(_directory.Path, "rabbitmq")),
                ("ENABLED_PLUGINS_FILE", Path.Combine(_directory.Path, "plugins")),
                ("SERVER_ADDITIONAL_ERL_ARGS", $"-setcookie {Cookie} +S 1:1 +sbwt none"),
            })
                all["RABBITMQ_" + name] = value;
        }

        return all;
    }

    private static Process Start(string program, string[] words, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private sealed class Node(int port, int distribution)
    {
        internal int Port => port;

        internal int Distribution => distribution;

        internal string Name => $"pw{port}@localhost";

        internal Process? Process { get; set; }
    }
}
