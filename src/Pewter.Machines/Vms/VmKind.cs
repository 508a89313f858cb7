using System.Collections.Concurrent;
using Pewter.Hosting.Ledger;
using Pewter.Linux.Processes;
using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.Machines.Vms.Forks;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>
/// Virtual machines on QEMU. They outlive the daemon, which finds them again by process, start time and monitor. The
/// first of an image boots, the others take over its state; any that runs can be forked.
/// </summary>
internal sealed class VmKind : INodeKind, IForksNodes, IPowersNodes, ICheckpointsNodes, IAsyncDisposable
{
    private static readonly TimeSpan AdoptPatience = TimeSpan.FromSeconds(5);
    private const int PageBytes = 4096;
    private const int TicksPerSecond = 100;

    private readonly VmPlace _place;
    private readonly VmCards _cards;
    private readonly VmDisks _disks;
    private readonly VmImages _images;
    private readonly VmStart _start;
    private readonly VmCheckpoints _checkpoints;
    private readonly ConcurrentDictionary<long, VmConsole> _consoles = new();
    private bool _isRecorded;

    public VmKind(VmPlace place)
    {
        (_place, _cards, _disks, _images) = (place, new VmCards(place), new VmDisks(place), new VmImages(place));
        _start = new VmStart(place, _cards);
        var seeds = new VmSeeds(place);
        _checkpoints = new VmCheckpoints(place, _start.Pool, _disks);
        Steps =
        [
            new("network", _cards.ConnectAsync, _cards.DisconnectAsync)
            {
                Applies = record => VmSpec.Of(record.Spec).Networks.Count > 0, Stays = true,
            },
            new("seed", seeds.OfferAsync, seeds.WithdrawAsync)
            {
                Applies = record => VmSpec.Of(record.Spec).UserData is not null, Stays = true,
            },
            new("disk", _disks.EnsureAsync, _disks.DropAsync)
            {
                Applies = record => VmSpec.Of(record.Spec).Image.HasDisk, Stays = true, IsContent = true,
            },
            new("power", StartAsync, StopAsync) { Makes = Resources },
        ];
    }

    public string Name => "vm";

    public string Options => VmSpec.Options;

    /// <summary>Boots and forks have gates of their own.</summary>
    public int Parallel => 4096;

    public bool AnswersEarly(NodeSpec spec) => true;

    public bool HasPort => true;

    public bool TakesPlaces => true;

    /// <summary>A translated guest on a crowded machine is slow, not dead.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    public IReadOnlyList<NodeStep> Steps { get; }

    public async ValueTask StartAsync(CancellationToken cancellation)
    {
        // Processes that were nobody's yet, and files whose names should have gone; the memory itself stays with those
        // that have it mapped.
        await VmProcess.EndGroupAsync(ForkGroup.WaitingCgroup(_place), _place.Time);
        foreach (var directory in (string[])[_place.MemoryDirectory, _place.AheadDirectory])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    public NodeSpec Check(NodeSpec spec, Caller caller)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new FileException(Errno.EPERM, "Virtual machines need a daemon that runs as root.");
        }

        _ = VmPlace.QemuPath;
        return VmSpec.Check(spec);
    }

    public async ValueTask<NodeSpec> ResolveAsync(NodeSpec spec, Caller caller, CancellationToken cancellation)
    {
        var tree = _place.Context.Client(caller);
        foreach (var network in VmSpec.Of(spec).Networks)
        {
            try
            {
                await tree.StatAsync($"/net/{network}/ctl", cancellation);
            }
            catch (FileException missing) when (missing.Errno is Errno.ENOENT or Errno.EACCES)
            {
                throw new FileException(Errno.ENOENT, $"There is no network '{network}' that {caller.User} may use.", missing);
            }
        }

        return await _images.ResolveAsync(spec, caller, cancellation);
    }

    public async ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation)
    {
        if (!ProcessOf(work.Record).IsAlive)
        {
            return false;
        }

        // What it was doing when the last daemon ended is not known; what it is to do is.
        using var patience = new CancellationTokenSource(AdoptPatience, _place.Time);
        try
        {
            await SetRunningAsync(work.Record, work.Record.State == NodeStates.Ready, patience.Token);
        }
        catch (Exception failure) when (failure is QmpException or OperationCanceledException)
        {
            // It runs, and is only slow to answer on a busy machine: no reason to take it away.
            work.Note($"it does not answer at its monitor: {failure.Message}");
        }

        return true;
    }

    public bool IsAlive(NodeRecord record) => ProcessOf(record).IsAlive;

    public string CauseOfEnd(NodeRecord record) => VmBoot.CauseOfEnd(_place.Files(record));

    public string? AgentSocket(NodeRecord record) => VmSpec.Of(record.Spec).HasAgent ? _place.Files(record).Agent : null;

    public ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation)
    {
        var (spec, was) = (VmSpec.Of(node.Record.Spec), node.Facts);
        var stat = ProcessStat.Read(ProcessOf(node.Record).Id);
        var cpu = stat is { } seen ? TimeSpan.FromSeconds((double)(seen.UserTicks + seen.SystemTicks) / TicksPerSecond) : (TimeSpan?)null;
        var load = was is { SeenAt: { } at, CpuTime: { } before } && cpu is { } now ? (now - before) / _place.Time.GetElapsedTime(at) : 0;
        return new(new NodeFacts
        {
            Os = "linux",
            Architecture = "x86_64",
            Cpus = spec.Cpus,
            MemoryBytes = spec.Memory,
            UsedBytes = stat?.ResidentPages * PageBytes,
            CpuTime = cpu,
            Load = load is >= 0 and <= 4096 ? load : 0,
        });
    }

    public void AddFiles(TreeDirectory directory, Node node)
    {
        directory.Add("console", _consoles.GetOrAdd(node.Number, _ => new VmConsole(() => Where(node))).File);
        if (VmSpec.Of(node.Record.Spec).HasGdb)
        {
            directory.Add("gdb", new TextFile(() => $"unix:{_place.Files(node.Record).Gdb}"));
        }
    }

    public IAsyncDisposable BeginFork(Node parent, int count, Func<Func<Task>, Task> exclusive, CancellationToken cancellation) =>
        new VmFork(_place, _start.Pool, _disks, Shape(parent), parent, exclusive, cancellation);

    public IEnumerable<string> Checkpoints(Caller caller) => _checkpoints.List(caller);

    public ValueTask CheckpointAsync(Node node, string name, Func<Func<Task>, Task> exclusive, CancellationToken cancellation) =>
        _checkpoints.TakeAsync(node, name, Shape(node), exclusive, cancellation);

    public (NodeSpec Spec, IAsyncDisposable Origin) OpenCheckpoint(string name, Caller caller) => _checkpoints.Open(name, caller);

    public ValueTask ForgetAsync(string name, Caller caller, CancellationToken cancellation) => _checkpoints.ForgetAsync(name, caller, cancellation);

    // A machine that runs has had its accelerator found out, so this does not wait.
    private VmShape Shape(Node node) => VmShape.Of(VmSpec.Of(node.Record.Spec), _place.AcceleratorAsync().Result) ?? throw new FileException(
        Errno.EOPNOTSUPP,
        $"the state of {node.Id} cannot be taken: a machine with several NUMA nodes or queues, with gdb or user data, or without an agent "
            + "cannot be copied.");

    public async ValueTask AskToStopAsync(Node node, TimeSpan grace, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(grace);
        try
        {
            var agent = new TreeClient(node.Agent.Tree.Directory(), Caller.System);
            await agent.WriteTextAsync("/ctl", "poweroff\n", patience.Token);
            while (IsAlive(node.Record))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), _place.Time, patience.Token);
            }
        }
        catch (Exception failure) when (failure is FileException or OperationCanceledException)
        {
            node.Log.Add($"it did not stop by itself: {failure.Message}");
        }
    }

    public ValueTask<NodeSpec> WithImageAsync(Node node, string? image, Caller caller, CancellationToken cancellation)
    {
        var (spec, options) = (node.Record.Spec, new Dictionary<string, string>(node.Record.Spec.Options, StringComparer.Ordinal));
        if (image is null)
        {
            return new(spec);
        }

        foreach (var key in (string[])["kernel", "initrd", "append", "disk", "boot", "machine"])
        {
            options.Remove(key);
        }

        options["image"] = image;
        return ResolveAsync(spec with { Options = options }, caller, cancellation);
    }

    public ValueTask<NodeSpec> SetBootDeviceAsync(Node node, string device, CancellationToken cancellation)
    {
        var spec = node.Record.Spec;
        VmSpec.DemandBootDevice(spec, device);
        return new(spec with { Options = new Dictionary<string, string>(spec.Options, StringComparer.Ordinal) { ["boot"] = device } });
    }

    public async ValueTask SuspendAsync(Node node, bool suspend, CancellationToken cancellation)
    {
        try
        {
            await node.Agent.CloseAsync();
            await SetRunningAsync(node.Record, !suspend, cancellation);
        }
        catch (QmpException failure)
        {
            throw new FileException(Errno.EIO, $"{node.Id}: {failure.Message}", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _start.DisposeAsync();
        foreach (var console in _consoles.Values)
        {
            await console.DisposeAsync();
        }

        // What all of them share goes when none is left.
        using var parent = Linux.Cgroups.Cgroup.Find(Linux.Cgroups.CgroupHierarchies.Read(), _place.CgroupParent);
        using var ahead = Linux.Cgroups.Cgroup.Find(Linux.Cgroups.CgroupHierarchies.Read(), ForkGroup.WaitingCgroup(_place));
        ahead.Delete();
        parent.Delete();
    }

    internal static VmProcess ProcessOf(NodeRecord record) => VmProcess.Parse(
        record.Handle.GetValueOrDefault(VmStart.Process), record.Handle.GetValueOrDefault(VmStart.Ticks));

    // What all of them share stands in the ledger from the first of them on.
    private async ValueTask StartAsync(NodeWork work, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _isRecorded, true) == false)
        {
            await _place.Context.Ledger.RecordAsync(
                cancellation,
                new KernelResource(KernelResourceKind.Cgroup, _place.CgroupParent, Name),
                new KernelResource(KernelResourceKind.Directory, _place.MemoryDirectory, Name),
                new KernelResource(KernelResourceKind.Directory, _place.AheadDirectory, Name));
        }

        // One that was rebuilt has lost its disk with its content.
        await _disks.EnsureAsync(work, cancellation);
        await _start.StartAsync(work, cancellation);
    }

    private async Task SetRunningAsync(NodeRecord record, bool running, CancellationToken cancellation)
    {
        await using var monitor = await QmpClient.ConnectAsync(_place.Files(record).Monitor, cancellation);
        await monitor.ExecuteAsync(running ? "cont" : "stop", null, cancellation);
    }

    private (string? Socket, string Log) Where(Node node) => NodeStates.IsDown(node.Record.State)
        ? (null, _place.KeptLog(node.Record)) : (_place.Files(node.Record).Console, _place.Files(node.Record).ConsoleLog);

    private IEnumerable<KernelResource> Resources(NodeRecord record) =>
    [
        new(KernelResourceKind.Cgroup, _place.Cgroup(record), Name),
        .. _place.Files(record).All.Select(path => new KernelResource(KernelResourceKind.File, path, Name)),
    ];

    // By what it was to be, not by what was learnt of it: a daemon that died in the middle of a start learnt nothing.
    private async ValueTask StopAsync(NodeWork work, CancellationToken cancellation)
    {
        await ProcessOf(work.Record).EndAsync(_place.Time);
        await VmProcess.EndGroupAsync(_place.Cgroup(work.Record), _place.Time);
        var (files, kept) = (_place.Files(work.Record), _place.KeptLog(work.Record));
        if (work.Record.State == NodeStates.Releasing)
        {
            File.Delete(kept);
        }
        else if (File.Exists(files.ConsoleLog))
        {
            // It says why a lost machine ended, and goes with the node.
            File.Move(files.ConsoleLog, kept, overwrite: true);
        }

        files.Delete();

        foreach (var key in (string[])[VmStart.Process, VmStart.Ticks, VmStart.Memory])
        {
            work.Forget(key);
        }

        if (work.Record.State == NodeStates.Releasing && _consoles.TryRemove(work.Record.Number, out var console))
        {
            await console.DisposeAsync();
        }
    }
}
