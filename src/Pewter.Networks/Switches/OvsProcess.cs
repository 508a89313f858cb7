using System.Diagnostics;
using System.Globalization;
using Pewter.Hosting;
using Pewter.Hosting.Ledger;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Networking;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;
using Pewter.NineP;
using Pewter.Networks.Segments;

namespace Pewter.Networks.Switches;

/// <summary>
/// An Open vSwitch of this daemon's own: <c>ovsdb-server</c> and <c>ovs-vswitchd</c> with the datapath in user space, in a namespace and a cgroup of
/// their own, with a private database. They outlive the daemon and are found again by their process files.
/// </summary>
internal sealed class OvsProcess(ServiceContext context, SegmentPlace place, SwitchRecord record)
{
    public const string Bridge = "br0";

    private const string Schema = "/usr/share/openvswitch/vswitch.ovsschema";
    private const int OpenReadWrite = 2;

    // A switch that does not answer within this is dead for whoever asked; the action ends as an error.
    private const string AnswerSeconds = "5";
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);

    private readonly List<SpawnedProcess> _children = [];

    public string Namespace => $"{place.Tag}-{record.Id}";

    public string NamespacePath => NamedNetwork.PathOf(Namespace);

    public IEnumerable<KernelResource> Resources =>
    [
        new(KernelResourceKind.Cgroup, Namespace, NetworkService.ServiceName),
            new(KernelResourceKind.Namespace, Namespace, NetworkService.ServiceName),
    ];

    private string State => Path.Combine(context.StateDirectory, record.Id);

    private string Run => Path.Combine(context.RunDirectory, $"{place.Tag[^8..]}-{record.Id}");

    private string Socket => Path.Combine(Run, "db.sock");

    /// <summary>Whether both programs live.</summary>
    public bool IsAlive => IsRunning("ovsdb-server") && IsRunning("ovs-vswitchd");

    /// <summary>Starts what does not live. Ports and VLANs are in the database, and so come back with it.</summary>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        if (IsAlive && NamedNetwork.Exists(Namespace))
        {
            return;
        }

        if (!File.Exists(Schema))
        {
            throw new FileException(Errno.ENOENT, "Open vSwitch is not installed; 'apt-get install -y openvswitch-switch' brings it.");
        }

        Directory.CreateDirectory(State);
        Directory.CreateDirectory(Run);
        if (!NamedNetwork.Exists(Namespace))
        {
            NamedNetwork.Create(Namespace);
        }

        var database = Path.Combine(State, "conf.db");
        if (!File.Exists(database))
        {
            await RunAsync("ovsdb-tool", ["create", database, Schema], cancellation);
        }

        if (!IsRunning("ovsdb-server"))
        {
            Spawn("ovsdb-server", [database, $"--remote=punix:{Socket}"]);
            await UntilAsync(() => File.Exists(Socket), cancellation);
            await RunAsync("ovs-vsctl", [$"--db=unix:{Socket}", "--no-wait", "init"], cancellation);
        }

        if (!IsRunning("ovs-vswitchd"))
        {
            Spawn("ovs-vswitchd", [$"unix:{Socket}", "--disable-system"]);
        }

        await ControlAsync(
            ["--may-exist", "add-br", Bridge, "--", "set", "bridge", Bridge, "datapath_type=netdev", "--", "set", "Open_vSwitch", ".",
                "other_config:vlan-limit=2"],
            cancellation);
    }

    /// <summary>Ends both programs and takes away all that they had.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        using var cgroup = Cgroup.Find(CgroupHierarchies.Read(), Namespace);
        for (var tries = 0; tries < 200; tries++)
        {
            cgroup.KillTree();
            Bury();
            if (cgroup.DeleteTree())
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), context.Time, cancellation);
        }

        NamedNetwork.Remove(Namespace);
        foreach (var directory in new[] { Run, State }.Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Changes the switch by ovs-vsctl(8), and returns when it has been applied.</summary>
    /// <exception cref="FileException">EIO: the switch refused, or did not answer in time.</exception>
    public Task<string> ControlAsync(IEnumerable<string> words, CancellationToken cancellation) =>
        RunAsync("ovs-vsctl", [$"--db=unix:{Socket}", "-t", AnswerSeconds, .. words], cancellation);

    /// <summary>Reads the switch's database, without waiting for the switch itself.</summary>
    public Task<string> AskAsync(IEnumerable<string> words, CancellationToken cancellation) => ControlAsync(["--no-wait", .. words], cancellation);

    private bool IsRunning(string program)
    {
        var file = Path.Combine(Run, program + ".pid");
        return File.Exists(file)
            && int.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var process)
            && ProcessStat.Read(process) is { State: not ('Z' or 'X') }
            && File.Exists($"/proc/{process}/cmdline") && File.ReadAllText($"/proc/{process}/cmdline").Contains(Run, StringComparison.Ordinal);
    }

    private void Spawn(string program, IEnumerable<string> words)
    {
        var hierarchies = CgroupHierarchies.Read();
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        using var network = NamespaceHandle.OpenFile(NamespacePath);
        using var cgroup = Cgroup.Create(hierarchies, Namespace, CgroupLimits.None, hierarchies.Version1.Keys.Intersect(["pids"]));
        _children.Add(ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = $"/usr/sbin/{program}",
            Arguments =
            [
                program, .. words, "--no-chdir", $"--pidfile={Path.Combine(Run, program + ".pid")}",
                $"--unixctl={Path.Combine(Run, program + ".ctl")}", $"--log-file={Path.Combine(State, program + ".log")}",
            ],
            Environment = [$"OVS_RUNDIR={Run}", $"OVS_DBDIR={State}", $"OVS_LOGDIR={State}", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            WorkingDirectory = "/",
            NewSession = true,
            EnterNamespaces = [network],
            Descriptors = [new(nothing.Number(), 0), new(nothing.Number(), 1), new(nothing.Number(), 2)],
            UnifiedCgroup = cgroup.UnifiedHandle,
            JoinCgroups = cgroup.Joins,
        }));
    }

    private void Bury()
    {
        foreach (var child in _children)
        {
            const int Kill = 9;
            child.Pidfd.Signal(Kill);
            ProcessWait.Wait(child.Pidfd);
            child.Pidfd.Dispose();
        }

        _children.Clear();
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellation)
    {
        var started = context.Time.GetTimestamp();
        while (!condition())
        {
            if (context.Time.GetElapsedTime(started) > StartTime)
            {
                throw new FileException(Errno.ETIMEDOUT, $"the switch {record.Name} does not come up; its logs are in {State}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), context.Time, cancellation);
        }
    }

    private async Task<string> RunAsync(string program, IEnumerable<string> words, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["OVS_RUNDIR"] = Run;
        using var process = Process.Start(start) ?? throw new FileException(Errno.ENOENT, $"{program} did not start.");
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0 ? await output : throw new FileException(
            Errno.EIO,
            process.ExitCode > 128
                ? $"the switch {record.Name} does not answer within {AnswerSeconds} s"
                : $"the switch {record.Name} refused: {(await errors).Trim().ReplaceLineEndings(" ")}");
    }
}
