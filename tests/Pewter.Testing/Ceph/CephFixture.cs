using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Pewter.Testing.Ceph;

/// <summary>
/// A real Ceph cluster on loopback, made for one test collection: a monitor, a manager and an OSD that keeps its
/// objects in memory, with an initialised pool <c>rbd</c>. About 8 s. Without the packages every test that asks for it
/// is skipped.
/// </summary>
public sealed class CephFixture : IAsyncLifetime
{
    private static readonly string[] Programs = ["ceph-mon", "ceph-mgr", "ceph-osd", "ceph", "rbd"];

    private readonly TemporaryDirectory _directory = new();
    private readonly List<Process> _daemons = [];
    private string? _missing;

    public string ConfigurationFile
    {
        get
        {
            if (_missing is not null)
                Assert.Skip($"skipped, because {_missing} is not installed (ceph-mon, ceph-mgr, ceph-osd, ceph-common)");
            return _directory["ceph.conf"];
        }
    }

    public async ValueTask InitializeAsync()
    {
        foreach (string program in Programs)
        {
            if ((await Shell.RunAsync($"command -v {program}")).ExitCode != 0)
                _missing ??= program;
        }
        if (_missing is null)
            await StartAsync();
    }

    /// <summary>Runs one of Ceph's programs against the cluster; fails when it fails.</summary>
    public async Task<string> RunAsync(string command)
    {
        string[] words = command.Split(' ', 2);
        ShellResult result = await Shell.RunAsync($"timeout 50 {words[0]} -c {ConfigurationFile} {words[1]}");
        Assert.True(result.ExitCode == 0, $"{command}: {result.Output}{result.Errors}");
        return result.Output;
    }

    /// <summary>Stops OSD and manager before the monitor, which they ask when they end.</summary>
    public ValueTask DisposeAsync()
    {
        foreach (Process daemon in Enumerable.Reverse(_daemons))
        {
            daemon.Kill();
            daemon.WaitForExit();
            daemon.Dispose();
        }
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StartAsync()
    {
        string cluster = Guid.NewGuid().ToString(), osd = Guid.NewGuid().ToString();
        int port = FreePort();
        await File.WriteAllTextAsync(_directory["ceph.conf"], Configuration(cluster, port));
        await MakeAsync($"mkdir -p {_directory["mon"]} {_directory["mgr"]} {_directory["osd"]}");
        await MakeAsync($"monmaptool --create --fsid {cluster} --addv a [v2:127.0.0.1:{port}] {_directory["monmap"]}");
        await MakeAsync($"ceph-mon -c {ConfigurationFile} -i a --mkfs --monmap {_directory["monmap"]}");
        StartDaemon("ceph-mon -i a");
        StartDaemon("ceph-mgr -i x");
        await RunAsync($"ceph osd new {osd} 0");
        await MakeAsync($"ceph-osd -c {ConfigurationFile} -i 0 --mkfs --no-mon-config --osd-uuid {osd}");
        StartDaemon("ceph-osd -i 0");
        await RunAsync("ceph osd pool create rbd 8 8");
        await RunAsync("rbd pool init rbd");
    }

    private void StartDaemon(string command)
    {
        string[] words = command.Split(' ', 2);
        _daemons.Add(Shell.Start($"exec {words[0]} -c {ConfigurationFile} {words[1]} -f >{_directory[words[0]]}.out 2>&1"));
    }

    private static async Task MakeAsync(string command)
    {
        ShellResult result = await Shell.RunAsync(command);
        Assert.True(result.ExitCode == 0, $"{command}: {result.Errors}");
    }

    private string Configuration(string cluster, int port) => $"""
        [global]
        fsid = {cluster}
        mon host = [v2:127.0.0.1:{port}/0]
        mon initial members = a
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        auth cluster required = none
        auth service required = none
        auth client required = none
        osd pool default size = 1
        osd pool default min size = 1
        osd crush chooseleaf type = 0
        mon allow pool size one = true
        mon data avail crit = 0
        run dir = {_directory.Path}
        log file = {_directory["$name.log"]}
        admin socket = {_directory["$name.$pid.asok"]}
        osd objectstore = memstore
        memstore device bytes = 1073741824
        osd client watch timeout = 3
        [client]
        log file =
        admin socket =
        [mon.a]
        mon data = {_directory["mon"]}
        [mgr.x]
        mgr data = {_directory["mgr"]}
        [osd.0]
        osd data = {_directory["osd"]}

        """;

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
