using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pewter.Hosting;
using Pewter.Hosting.Ledger;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Files;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;
using Pewter.NineP;
using Pewter.Networks.Addresses;
using Pewter.Networks.Plane.Boot;
using Pewter.Networks.Plane.Dhcp;
using Pewter.Networks.Ports;
using Pewter.Networks.Segments;

namespace Pewter.Networks.Plane;

/// <summary>
/// Keeps one <c>pewter-netd</c> that serves all segments: starts it when it does not answer, tells it of changes, ends it with the last segment. It
/// outlives this daemon, in a session and a cgroup of its own, and is found again by its socket.
/// </summary>
internal sealed class PlaneSupervisor(ServiceContext context, SegmentPlace place, NetworkServiceOptions options) : IPlane, IDisposable
{
    private const int LeaseSeconds = 3600;
    private const int OpenReadWrite = 2;
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private readonly PlaneFiles _files = new(context.StateDirectory, context.RunDirectory);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, byte[]> _applied = new(StringComparer.Ordinal);
    private SpawnedProcess? _child;

    private string Cgroup => $"{place.Tag}-netd";

    private KernelResource[] Resources =>
    [
        new(KernelResourceKind.Cgroup, Cgroup, NetworkService.ServiceName), new(KernelResourceKind.File, _files.Socket, NetworkService.ServiceName),
    ];

    /// <inheritdoc/>
    public async Task ApplyAsync(NetworkRecord network, IReadOnlyList<PortRecord> ports, CancellationToken cancellation)
    {
        var plan = JsonSerializer.SerializeToUtf8Bytes(Plan(network, ports), PlaneJson.Default.SegmentPlan);
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_applied.TryGetValue(network.Id, out var was) && was.AsSpan().SequenceEqual(plan) && await AskAsync("ping", cancellation) == "ok")
            {
                return;
            }

            _files.Prepare();
            await File.WriteAllBytesAsync(_files.Plan(network.Id) + ".new", plan, cancellation);
            File.Move(_files.Plan(network.Id) + ".new", _files.Plan(network.Id), overwrite: true);
            await EnsureAsync(cancellation);
            var answer = await AskAsync($"apply {network.Id}", cancellation);
            if (answer != "ok")
            {
                throw new FileException(
                    Errno.EIO, $"{network.Label} is not served: {answer ?? "pewter-netd does not answer"}; its log is {_files.LogFile}.");
            }

            _applied[network.Id] = plan;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(NetworkRecord network, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            _applied.Remove(network.Id);
            File.Delete(_files.Plan(network.Id));
            await AskAsync($"remove {network.Id}", cancellation);
            File.Delete(_files.Leases(network.Id));
            if (!Directory.Exists(_files.Plans) || !Directory.EnumerateFiles(_files.Plans).Any())
            {
                await EndAsync(cancellation);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public string Leases(NetworkRecord network) => string.Concat(LeaseBook.Open(_files.Leases(network.Id)).Leases.Select(lease =>
        $"address={lease.Address} mac={lease.Mac} kind=guest{(lease.Name is null ? "" : $" name={lease.Name}")} "
            + $"expires={lease.Expires.UtcDateTime:O}\n"));

    /// <inheritdoc/>
    public string Log(NetworkRecord network)
    {
        const int Kept = 256 << 10;
        if (!File.Exists(_files.LogFile))
        {
            return "";
        }

        using var file = new FileStream(_files.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(Kept, file.Length), SeekOrigin.End);
        using var reader = new StreamReader(file);
        return string.Concat(reader.ReadToEnd().Split('\n')
            .Where(line => line.Split(' ', 3) is [_, var id, _] && id == network.Id).Select(line => line + "\n"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Dispose();
        _child?.Pidfd.Dispose();
    }

    private SegmentPlan Plan(NetworkRecord network, IReadOnlyList<PortRecord> ports)
    {
        var subnet = network.Subnet;
        var path = place.NamespacePath(network);
        var hosts = ports.Select(port => (Port: port, Channel: port.In(network.Number)!)).Select(member => new SegmentHost(
            member.Port.Mac, member.Channel.Address, Names(member.Port, member.Channel))).ToList();
        var boot = BootPlan.For(network, hosts);
        return new SegmentPlan
        {
            Id = network.Id,
            Namespace = path,
            NamespaceNumber = NumberOf(path),
            Cidr = network.Cidr,
            Gateway = network.Gateway,
            Domain = network.Domain,
            Mtu = network.Mtu,
            Prefix6 = network.Prefix6,
            Guests = subnet.LastMember < subnet.Last ? new AddressRange(subnet.LastMember + 1, subnet.Last).ToString() : null,
            LeaseSeconds = LeaseSeconds,
            Forward = network.Forward,
            Hosts = hosts,
            Scripts = boot.Scripts,
            Files = boot.Files,
            Private = boot.Private,
        };
    }

    private static ulong NumberOf(string path)
    {
        using var handle = NamespaceHandle.OpenFile(path);
        return FileStatus.Of(handle).Inode;
    }

    // The first card is the node itself, the others are its cards; the name that people gave comes last and is the one that an address leads back to.
    private static IReadOnlyList<string> Names(PortRecord port, PortChannel channel)
    {
        var prefix = port.Card == "eth0" ? "" : port.Card + ".";
        return channel.Name is null ? [prefix + port.Node] : [prefix + port.Node, prefix + channel.Name];
    }

    private async Task EnsureAsync(CancellationToken cancellation)
    {
        if (await AskAsync("ping", cancellation) == "ok")
        {
            return;
        }

        await context.Ledger.RecordAsync(cancellation, Resources);
        Kill();
        Spawn();
        var started = context.Time.GetTimestamp();
        while (await AskAsync("ping", cancellation) != "ok")
        {
            if (context.Time.GetElapsedTime(started) > StartTime)
            {
                throw new FileException(Errno.ETIMEDOUT, $"pewter-netd does not come up; its log is {_files.LogFile}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), context.Time, cancellation);
        }
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        Kill();
        var hierarchies = CgroupHierarchies.Read();
        using var cgroup = Linux.Cgroups.Cgroup.Find(hierarchies, Cgroup);
        for (var tries = 0; !cgroup.DeleteTree() && tries < 200; tries++)
        {
            cgroup.KillTree();
            await Task.Delay(TimeSpan.FromMilliseconds(5), context.Time, cancellation);
        }

        File.Delete(_files.Socket);
        await context.Ledger.ForgetAsync(cancellation, Resources);
    }

    /// <summary>Ends it, and takes note of its end where it is a child of this daemon.</summary>
    private void Kill()
    {
        using var cgroup = Linux.Cgroups.Cgroup.Find(CgroupHierarchies.Read(), Cgroup);
        cgroup.KillTree();
        if (_child is { } child)
        {
            const int KillSignal = 9;
            child.Pidfd.Signal(KillSignal);
            ProcessWait.Wait(child.Pidfd);
            child.Pidfd.Dispose();
            _child = null;
        }
    }

    private void Spawn()
    {
        var program = options.PlanePath ?? PlaneLocation.Find();
        var hierarchies = CgroupHierarchies.Read();
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        using var log = File.OpenHandle(_files.LogFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        using var cgroup = Linux.Cgroups.Cgroup.Create(hierarchies, Cgroup, CgroupLimits.None, hierarchies.Version1.Keys.Intersect(["pids"]));
        _child = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = program,
            Arguments = ["pewter-netd", $"--state={_files.Directory}", $"--run={_files.RunDirectory}"],
            Environment =
            [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
                $"DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT")}", "DOTNET_gcServer=0", "DOTNET_TieredPGO=0",
            ],
            WorkingDirectory = "/",
            NewSession = true,
            Descriptors = [new(nothing.Number(), 0), new(log.Number(), 1), new(log.Number(), 2)],
            UnifiedCgroup = cgroup.UnifiedHandle,
            JoinCgroups = cgroup.Joins,
        });
        context.Log.Info("started pewter-netd", ("program", program), ("socket", _files.Socket));
    }

    /// <summary>Asks for one thing; null when nobody answers.</summary>
    private async Task<string?> AskAsync(string line, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerTime);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_files.Socket), patience.Token);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), patience.Token);
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(patience.Token);
        }
        catch (Exception failure) when (
            failure is SocketException or IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}
